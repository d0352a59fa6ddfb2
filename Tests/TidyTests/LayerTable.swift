/// Which module may import which, read from the table in docs/ARCHITECTURE.md: what is written there is
/// what holds.
struct LayerTable {
  private(set) var modules: [String] = []
  private(set) var allowed: [String: Set<String>] = [:]

  static let domains = [
    "Rootfs", "Namespaces", "Identity", "Hooks", "Console", "Cgroups", "Resctrl", "Seccomp",
  ]

  /// - Parameter document: the text with a table whose head is `| module | may import |`.
  init(document: String) {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    guard let head = lines.firstIndex(where: { $0.hasPrefix("| module |") }) else { return }
    for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|").map { Self.words(String($0)) }
      guard cells.count == 2 else { continue }
      let may = Self.modules(cells[1])
      for module in cells[0] { allowed[module] = may }
      modules += cells[0]
    }
  }

  private static func modules(_ words: [String]) -> Set<String> {
    if words == ["nothing"] { return [] }
    return Set(words.flatMap { $0 == "the domains" ? domains : [$0] })
  }

  private static func words(_ cell: String) -> [String] {
    cell.split(separator: ",").map { $0.trimmed }
  }

  /// Modules that a row lets import something that does not stand above it.
  var upwards: [String] {
    modules.enumerated().flatMap { index, module in
      let above = Set(modules[..<index])
      return allowed[module, default: []]
        .filter { modules.contains($0) && !above.contains($0) }
        .map { "\(module) may import \($0), which does not stand above it" }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let start = drop(while: { $0 == " " })
    return String(start.reversed().drop(while: { $0 == " " }).reversed())
  }
}

/// Which room may import which, read from the table in docs/ARCHITECTURE.md: what is written there is
/// what holds.
struct LayerTable {
  private(set) var rooms: [String] = []
  private(set) var allowed: [String: Set<String>] = [:]

  static let domains = [
    "Rootfs", "Namespaces", "Identity", "Hooks", "Console", "Cgroups", "Resctrl", "Seccomp",
  ]

  /// - Parameter document: the text with a table whose head is `| room | may import |`.
  init(document: String) {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    guard let head = lines.firstIndex(where: { $0.hasPrefix("| room |") }) else { return }
    for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|").map { Self.words(String($0)) }
      guard cells.count == 2 else { continue }
      let may = modules(cells[1])
      for room in cells[0] { allowed[room] = may }
      rooms += cells[0]
    }
  }

  /// The modules that a cell names, in the order of the rows above it.
  private func modules(_ words: [String]) -> Set<String> {
    if words == ["nothing"] { return [] }
    if let first = words.first, first.hasPrefix("everything above but ") {
      let excepted = String(first.dropFirst("everything above but ".count))
      return Set(rooms).subtracting([excepted])
    }
    return Set(words.flatMap { $0 == "the domains" ? Self.domains : [$0] })
  }

  private static func words(_ cell: String) -> [String] {
    cell.split(separator: ",").map { $0.trimmed }
  }

  /// Rooms that a row lets import something that does not stand above it.
  var upwards: [String] {
    rooms.enumerated().flatMap { index, room in
      let above = Set(rooms[..<index])
      return allowed[room, default: []]
        .filter { rooms.contains($0) && !above.contains($0) }
        .map { "\(room) may import \($0), which does not stand above it" }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let start = drop(while: { $0 == " " })
    return String(start.reversed().drop(while: { $0 == " " }).reversed())
  }
}

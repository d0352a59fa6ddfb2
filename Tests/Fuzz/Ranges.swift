/// The numbers of a document and what the schema allows them to be: lines of
/// `path TAB least TAB most`, made of the schema by `tables.py`.
struct Ranges: Sendable {
  private struct Shape: Sendable {
    var members: [String: Shape] = [:]
    var range: ClosedRange<Int128>?

    func below(_ name: String) -> Shape? { members[name] ?? members["*"] }

    mutating func add(_ range: ClosedRange<Int128>, at path: ArraySlice<Substring>) {
      guard let name = path.first else {
        self.range = range
        return
      }
      members[String(name), default: Shape()].add(range, at: path.dropFirst())
    }
  }

  private var root = Shape()

  init(table: [UInt8]) {
    for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard fields.count == 3, let least = Int128(fields[1]), let most = Int128(fields[2]) else {
        violated("the table of numbers has a line `\(line)`")
      }
      root.add(least...most, at: fields[0].split(separator: "/")[...])
    }
  }

  /// The first number of `document`, which stands at `place` in a config, that the schema does not
  /// allow: `uid: 1.5`.
  func violation(in document: Scan.Node, at place: [String] = []) -> String? {
    var shape: Shape? = root
    for name in place { shape = shape?.below(name) }
    return shape.flatMap { violation(in: document, $0) }
  }

  private func violation(in node: Scan.Node, _ shape: Shape) -> String? {
    switch node {
    case .object(let members):
      for member in members {
        let name = String(decoding: member.name, as: UTF8.self)
        guard let below = shape.below(name) else { continue }
        if let found = violation(in: member.value, below) { return name + ": " + found }
      }
    case .array(let elements):
      guard let below = shape.below("*") else { return nil }
      for element in elements {
        if let found = violation(in: element, below) { return found }
      }
    case .number(let text):
      guard let range = shape.range else { return nil }
      guard let number = Int128(text), range.contains(number), !text.hasPrefix("+") else {
        return text
      }
    case .string, .word: break
    }
    return nil
  }
}

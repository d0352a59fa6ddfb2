import Linux

/// Device rules as a program of the kernel (DR-8), which is asked `(type, access, major, minor)`.
///
/// The last rule decides first. An allowing rule takes its accesses off the request, which is
/// granted when none is left; a denying rule refuses if one that is left is among its own. So
/// `deny w` after `allow rw` also stops a device from being opened for both, where a program that
/// compares whole requests would let it pass.
struct DeviceProgram {
  private var assembler = Assembler()
  /// The next label to hand out; 0 and 1 are the two ends.
  private var labels = 2

  private static let denied = 0
  private static let granted = 1

  /// nil if everything is allowed and there is nothing to filter.
  static func make(_ rules: [DeviceRule]) -> [BPFInstruction]? {
    if rules.allSatisfy({ $0.allow && $0.isTotal }) && !rules.isEmpty { return nil }
    var program = DeviceProgram()
    program.assembler.loadRequest()
    var rest = rules[...]
    while let last = rest.last {
      // Neighbours of one effect commute, so that they can be sorted into a few comparisons.
      let start = rest.lastIndex { $0.allow != last.allow || $0.access != last.access }
      let run = rest[(start.map { $0 + 1 } ?? rest.startIndex)...]
      rest = rest[..<run.startIndex]
      if !program.emit(Array(run), last.allow, last.access) { break }
    }
    program.assembler.finish(denied: denied, granted: granted)
    return program.assembler.resolved(labels: program.labels)
  }

  /// The code of one run; false if no request gets past it.
  private mutating func emit(
    _ run: [DeviceRule], _ allow: Bool, _ access: DeviceRule.Access
  ) -> Bool {
    let end = allow ? DeviceProgram.granted : DeviceProgram.denied
    let nodes = NodeSet(run)
    if access == .all {
      // A request that falls through everything is denied.
      if nodes.hasAll && !allow { return false }
      emit(nodes, goto: end)
      return !nodes.hasAll
    }
    let effect = newLabel()
    let next = newLabel()
    if !nodes.hasAll {
      emit(nodes, goto: effect)
      assembler.jump(to: next)
    }
    assembler.place(effect)
    if allow {
      assembler.takeOff(access.rawValue)
      assembler.jump(.equal, .access, 0, to: end)
    } else {
      assembler.jump(.anyBit, .access, access.rawValue, to: end)
    }
    assembler.place(next)
    return true
  }

  private mutating func emit(_ nodes: NodeSet, goto label: Int) {
    if nodes.hasAll { return assembler.jump(to: label) }
    emit(nodes.any, goto: label)
    emit(nodes.character, ofKind: 2, goto: label)
    emit(nodes.block, ofKind: 1, goto: label)
  }

  private mutating func emit(_ nodes: [NodeSet.Node], ofKind kind: UInt32, goto label: Int) {
    if nodes.isEmpty { return }
    let next = newLabel()
    assembler.jump(.notEqual, .kind, kind, to: next)
    emit(nodes, goto: label)
    assembler.place(next)
  }

  private mutating func emit(_ nodes: [NodeSet.Node], goto label: Int) {
    var index = 0
    while index < nodes.count {
      let major = nodes[index].major
      let same = nodes[index...].prefix { $0.major == major }
      index += same.count
      guard let major else {
        for node in same { emit(minor: node.minor, goto: label) }
        continue
      }
      if same.count == 1 && same.first?.minor == nil {
        assembler.jump(.equal, .major, major, to: label)
        continue
      }
      let next = newLabel()
      assembler.jump(.notEqual, .major, major, to: next)
      for node in same { emit(minor: node.minor, goto: label) }
      assembler.place(next)
    }
  }

  private mutating func emit(minor: UInt32?, goto label: Int) {
    if let minor {
      assembler.jump(.equal, .minor, minor, to: label)
    } else {
      assembler.jump(to: label)
    }
  }

  private mutating func newLabel() -> Int {
    labels += 1
    return labels - 1
  }
}

/// The devices that a run of rules is about, each once, sorted by major number.
private struct NodeSet {
  struct Node: Equatable {
    var major: UInt32?
    var minor: UInt32?

    /// Whether this one covers `other` too.
    func covers(_ other: Node) -> Bool {
      (major == nil || major == other.major) && (minor == nil || minor == other.minor)
    }

    static func precedes(_ left: Node, _ right: Node) -> Bool {
      // A wildcard first, as nothing of its kind is left after it.
      let major = (left.major.map { Int64($0) } ?? -1, right.major.map { Int64($0) } ?? -1)
      if major.0 != major.1 { return major.0 < major.1 }
      return (left.minor.map { Int64($0) } ?? -1) < (right.minor.map { Int64($0) } ?? -1)
    }
  }

  private(set) var any: [Node] = []
  private(set) var character: [Node] = []
  private(set) var block: [Node] = []

  var hasAll: Bool { any.contains(Node()) }

  init(_ rules: [DeviceRule]) {
    for rule in rules {
      let node = Node(major: rule.major, minor: rule.minor)
      switch rule.kind {
      case .any: any.append(node)
      case .character: character.append(node)
      case .block: block.append(node)
      }
    }
    // There are two kinds of devices, so both together are all.
    any += character.filter { block.contains($0) }
    any = NodeSet.reduced(any, without: [])
    character = NodeSet.reduced(character, without: any)
    block = NodeSet.reduced(block, without: any)
  }

  private static func reduced(_ nodes: [Node], without others: [Node]) -> [Node] {
    var kept = [Node]()
    for node in nodes.sorted(by: Node.precedes)
    where !(kept + others).contains(where: { $0.covers(node) }) {
      kept.append(node)
    }
    return kept
  }
}

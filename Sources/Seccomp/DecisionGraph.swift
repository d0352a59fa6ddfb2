/// Decisions of a filter, each noted once: what asks the same and goes on alike is one node, whatever program it was read
/// from. So two programs that answer alike are one node too.
struct DecisionGraph {
  /// An instruction with the nodes that follow it in place of distances; -1 where none does.
  struct Node: Equatable {
    var code: UInt16
    var k: UInt32
    var onTrue = -1
    var onFalse = -1

    var isAnswer: Bool { code == Instruction.answer }
    /// Whether what the last instruction left is of no interest.
    var forgets: Bool { isAnswer || code == Instruction.loadWord }
  }

  private(set) var nodes: [Node] = []

  private mutating func note(_ node: Node) -> Int {
    if let known = nodes.lastIndex(of: node) { return known }
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func answer(_ action: UInt32) -> Int { note(Node(code: Instruction.answer, k: action)) }

  /// A load or an operation, then `next`.
  mutating func operation(_ code: UInt16, _ k: UInt32, then next: Int) -> Int {
    nodes[next].forgets ? next : note(Node(code: code, k: k, onTrue: next))
  }

  mutating func test(_ code: UInt16, _ k: UInt32, _ onTrue: Int, _ onFalse: Int) -> Int {
    onTrue == onFalse ? onTrue : note(Node(code: code, k: k, onTrue: onTrue, onFalse: onFalse))
  }
}

/// Writes a graph as a program, from its end: jumps lead forwards only.
struct DecisionWriter {
  private let nodes: [DecisionGraph.Node]
  private var reversed: [Instruction] = []
  /// Where in `reversed` each node is found; -1 while it is not there.
  private var places: [Int]

  static func program(_ graph: DecisionGraph, from root: Int) -> [Instruction] {
    var writer = DecisionWriter(graph)
    writer.write(root)
    return writer.reversed.reversed()
  }

  private init(_ graph: DecisionGraph) {
    nodes = graph.nodes
    places = [Int](repeating: -1, count: nodes.count)
  }

  private mutating func write(_ index: Int) {
    if places[index] >= 0 { return }
    let node = nodes[index]
    switch node.code {
    case Instruction.answer: append(Instruction(code: node.code, k: node.k), index)
    case Instruction.loadWord, Instruction.and:
      write(node.onTrue)
      if distance(node.onTrue) > 0 { bring(node.onTrue) }
      append(Instruction(code: node.code, k: node.k), index)
    default:
      write(node.onFalse)
      write(node.onTrue)
      // A conditional jump has eight bits for its distances.
      while max(distance(node.onTrue), distance(node.onFalse)) > Int(UInt8.max) {
        bring(distance(node.onTrue) > Int(UInt8.max) ? node.onTrue : node.onFalse)
      }
      let (onTrue, onFalse) = (distance(node.onTrue), distance(node.onFalse))
      append(
        Instruction(
          code: node.code, onTrue: UInt8(onTrue), onFalse: UInt8(onFalse), k: node.k), index)
    }
  }

  private mutating func append(_ instruction: Instruction, _ index: Int) {
    places[index] = reversed.count
    reversed.append(instruction)
  }

  /// How many instructions the next one that is written has to jump over.
  private func distance(_ index: Int) -> Int { reversed.count - places[index] - 1 }

  /// Repeats an answer, or writes a jump to the node.
  private mutating func bring(_ index: Int) {
    let node = nodes[index]
    append(
      node.isAnswer
        ? Instruction(code: node.code, k: node.k)
        : Instruction(code: Instruction.jump, k: UInt32(distance(index))), index)
  }
}

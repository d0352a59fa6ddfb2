/// What a filter answers, read off its program: for each architecture, which numbers of system calls are treated alike.
///
/// libseccomp compares the number of a call with every number that a profile names, though neighbours are mostly answered alike. A
/// program that looks for the number's range has a tenth of the instructions. The kernel checks, translates and compiles
/// them anew for each process that loads the filter, which costs more than the rest of loading it.
struct FilterTable: Equatable {
  /// The numbers from `first` up to the next range.
  struct Range: Equatable {
    var first: UInt32
    /// What decides, in the graph.
    var node: Int
  }

  /// One for each of the architectures, then those of all others.
  private var ranges: [[Range]] = []
  private let architectures: [UInt32]

  /// `program` with fewer instructions; itself if it is one that does more than compare numbers and arguments.
  static func shortened(_ program: [Instruction], for architectures: [UInt32]) -> [Instruction] {
    var graph = DecisionGraph()
    guard let table = FilterTable(program, architectures, &graph) else { return program }
    let root = table.root(&graph)
    let short = DecisionWriter.program(graph, from: root)
    // Whatever was made of the table, it is taken only if it reads the same.
    guard short.count < program.count, FilterTable(short, architectures, &graph) == table else {
      return program
    }
    return short
  }

  init?(_ program: [Instruction], _ architectures: [UInt32], _ graph: inout DecisionGraph) {
    self.architectures = architectures
    var reader = ProgramReader(program, architectures, graph)
    for token in architectures.map({ Optional($0) }) + [nil] {
      guard let found = reader.ranges(on: token) else { return nil }
      ranges.append(FilterTable.joined(found))
    }
    graph = reader.graph
  }

  /// Neighbours that are treated alike as one.
  private static func joined(_ ranges: [Range]) -> [Range] {
    var result = [Range]()
    for range in ranges where range.node != result.last?.node { result.append(range) }
    return result
  }

  private func root(_ graph: inout DecisionGraph) -> Int {
    var nodes = ranges.map { ranges in
      let tree = FilterTable.tree(ranges[...], &graph)
      return graph.operation(Instruction.loadWord, Instruction.Offset.number, then: tree)
    }
    var node = nodes.removeLast()
    for (token, onTrue) in zip(architectures, nodes).reversed() {
      node = graph.test(Instruction.jumpIfEqual, token, onTrue, node)
    }
    return graph.operation(Instruction.loadWord, Instruction.Offset.architecture, then: node)
  }

  /// Looks for a number's range by halves, and at the end for single numbers among others.
  private static func tree(_ ranges: ArraySlice<Range>, _ graph: inout DecisionGraph) -> Int {
    let (start, end) = (ranges.startIndex, ranges.endIndex)
    if ranges.count == 1 { return ranges[start].node }
    if ranges.count >= 3, ranges.count < 10 {
      for index in (start + 1)..<(end - 1)
      where ranges[index + 1].first - ranges[index].first == 1
        && ranges[index - 1].node == ranges[index + 1].node
      {
        let others = tree(ranges[..<index] + ranges[(index + 2)...], &graph)
        return graph.test(
          Instruction.jumpIfEqual, ranges[index].first, ranges[index].node, others)
      }
    }
    let middle = start + ranges.count / 2
    let upper = tree(ranges[middle...], &graph)
    return graph.test(
      Instruction.jumpIfAtLeast, ranges[middle].first, upper, tree(ranges[..<middle], &graph))
  }
}

/// Follows a program for all calls of a range at once.
private struct ProgramReader {
  /// What the accumulator holds.
  private enum Content {
    case nothing
    case number
    case architecture
    /// Or a part of one: what only the kernel will know.
    case argument
  }

  private let program: [Instruction]
  private let architectures: [UInt32]
  private(set) var graph: DecisionGraph
  private var architecture: UInt32?
  private var first: UInt32 = 0
  private var last: UInt32 = .max
  /// Where the range has to be cut, if not all of it goes the same way.
  private var cut: UInt32?
  /// What tests of arguments decide for this range, by their place; -1 for what is not known yet.
  private var decided: [Int]
  private var isClean = true

  init(_ program: [Instruction], _ architectures: [UInt32], _ graph: DecisionGraph) {
    self.program = program
    self.architectures = architectures
    self.graph = graph
    decided = [Int](repeating: -1, count: program.count)
  }

  /// Of an architecture, or with nil of all that are not listed; nil if the program does something else than compare.
  mutating func ranges(on architecture: UInt32?) -> [FilterTable.Range]? {
    self.architecture = architecture
    (first, last) = (0, .max)
    var result = [FilterTable.Range]()
    var ends = [UInt32]()
    while true {
      if !isClean { decided = [Int](repeating: -1, count: program.count) }
      (isClean, cut) = (true, nil)
      if let node = decide(from: 0, .nothing) {
        result.append(FilterTable.Range(first: first, node: node))
        guard let end = ends.popLast() else { return result }
        (first, last) = (last + 1, end)
      } else if let cut {
        ends.append(last)
        last = cut - 1
      } else {
        return nil
      }
    }
  }

  private mutating func decide(from start: Int, _ content: Content) -> Int? {
    var (at, content) = (start, content)
    while at < program.count {
      let instruction = program[at]
      switch instruction.code {
      case Instruction.answer: return graph.answer(instruction.k)
      case Instruction.jump: at += Int(instruction.k)
      case Instruction.loadWord:
        content = ProgramReader.content(instruction.k)
        if content == .argument { return operation(instruction, at) }
      case Instruction.and:
        return content == .argument ? operation(instruction, at) : nil
      case Instruction.jumpIfEqual, Instruction.jumpIfGreater, Instruction.jumpIfAtLeast,
        Instruction.jumpIfSet:
        if content == .argument { return test(instruction, at) }
        guard let holds = holds(instruction, content) else { return nil }
        at += Int(holds ? instruction.onTrue : instruction.onFalse)
      default: return nil
      }
      at += 1
    }
    return nil
  }

  private static func content(_ offset: UInt32) -> Content {
    switch offset {
    case Instruction.Offset.number: .number
    case Instruction.Offset.architecture: .architecture
    default: .argument
    }
  }

  private mutating func operation(_ instruction: Instruction, _ at: Int) -> Int? {
    guard let next = decide(from: at + 1, .argument) else { return nil }
    return graph.operation(instruction.code, instruction.k, then: next)
  }

  private mutating func test(_ instruction: Instruction, _ at: Int) -> Int? {
    if decided[at] >= 0 { return decided[at] }
    guard let onTrue = decide(from: at + 1 + Int(instruction.onTrue), .argument),
      let onFalse = decide(from: at + 1 + Int(instruction.onFalse), .argument)
    else { return nil }
    decided[at] = graph.test(instruction.code, instruction.k, onTrue, onFalse)
    isClean = false
    return decided[at]
  }

  /// nil if it does not for all of the range, or for all architectures, or if that is not known.
  private mutating func holds(_ test: Instruction, _ content: Content) -> Bool? {
    if content == .architecture {
      let isListed = test.code == Instruction.jumpIfEqual && architectures.contains(test.k)
      return isListed ? architecture == test.k : nil
    }
    guard content == .number else { return nil }
    if first == last { return test.holds(for: first) }
    switch test.code {
    case Instruction.jumpIfEqual:
      if test.k < first || test.k > last { return false }
      cut = first < test.k ? test.k : first + 1
    case Instruction.jumpIfGreater, Instruction.jumpIfAtLeast:
      if test.holds(for: first) == test.holds(for: last) { return test.holds(for: first) }
      cut = test.code == Instruction.jumpIfAtLeast ? test.k : test.k + 1
    default: break
    }
    return nil
  }
}

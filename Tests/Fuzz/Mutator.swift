/// Changes a document as a tree: bytes that are changed at random are mostly no JSON any more.
struct Mutator {
  /// Names and words of the specification.
  let words: [[UInt8]]
  private var state: UInt64

  private static let numbers = [
    "0", "-0", "1", "-1", "2", "255", "256", "511", "65535", "65536", "2147483647", "2147483648",
    "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", "340282366920938463463374607431768211455", "1.0", "1e3", "1E400",
  ]

  init(words: [[UInt8]], seed: UInt32) {
    self.words = words
    state = UInt64(seed)
  }

  /// A number below `bound`.
  private mutating func random(_ bound: Int) -> Int {
    // splitmix64.
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(bound, 1)))
  }

  /// One to three changes of `root`, at places chosen evenly.
  mutating func change(_ root: Scan.Node) -> Scan.Node {
    var root = root
    for _ in 0...random(3) {
      let all = Mutator.nodes(root)
      let donor = all[random(all.count)]
      var place = random(all.count)
      root = replace(root, &place, donor)
    }
    return root
  }

  private static func nodes(_ node: Scan.Node) -> [Scan.Node] {
    switch node {
    case .object(let members): [node] + members.flatMap { nodes($0.value) }
    case .array(let elements): [node] + elements.flatMap { nodes($0) }
    default: [node]
    }
  }

  /// `node` with the one at `place`, counted as `nodes` does, changed.
  private mutating func replace(_ node: Scan.Node, _ place: inout Int, _ donor: Scan.Node)
    -> Scan.Node
  {
    defer { place -= 1 }
    if place == 0 { return changed(node, donor) }
    if place < 0 { return node }
    switch node {
    case .object(var members):
      place -= 1
      for index in members.indices {
        members[index].value = replace(members[index].value, &place, donor)
      }
      place += 1
      return .object(members)
    case .array(var elements):
      place -= 1
      for index in elements.indices { elements[index] = replace(elements[index], &place, donor) }
      place += 1
      return .array(elements)
    default: return node
    }
  }

  private mutating func changed(_ node: Scan.Node, _ donor: Scan.Node) -> Scan.Node {
    switch (node, random(4)) {
    case (.object(let members), 1...): .object(changed(members, donor))
    case (.array(let elements), 1...): .array(changed(elements, donor))
    case (.string, 1), (.string, 2): .string(word())
    case (.string(let text), 3): .string(text + word())
    case (.number, 1...): .number(Mutator.numbers[random(Mutator.numbers.count)])
    case (.word, 1...): .word(["true", "false", "null"][random(3)])
    case (_, _) where random(2) == 0: donor
    default: anything()
    }
  }

  private mutating func changed(_ members: [(name: [UInt8], value: Scan.Node)], _ donor: Scan.Node)
    -> [(name: [UInt8], value: Scan.Node)]
  {
    var members = members
    if members.isEmpty || random(2) == 0 {
      members.insert(
        (word(), random(2) == 0 ? donor : anything()), at: random(members.count + 1))
      return members
    }
    let index = random(members.count)
    switch random(4) {
    case 0: members.remove(at: index)
    case 1: members.append((members[index].name, anything()))
    case 2: members[index].name = word()
    default: members.swapAt(index, random(members.count))
    }
    return members
  }

  private mutating func changed(_ elements: [Scan.Node], _ donor: Scan.Node) -> [Scan.Node] {
    var elements = elements
    guard !elements.isEmpty else { return [random(2) == 0 ? donor : anything()] }
    let index = random(elements.count)
    switch random(5) {
    case 0: elements.remove(at: index)
    case 1: elements.append(elements[index])
    case 2: elements.append(donor)
    case 3 where elements.count < 64: elements += elements
    default: elements.swapAt(index, random(elements.count))
    }
    return elements
  }

  private mutating func anything() -> Scan.Node {
    switch random(6) {
    case 0: .number(Mutator.numbers[random(Mutator.numbers.count)])
    case 1: .string(word())
    case 2: .word(["true", "false", "null"][random(3)])
    case 3: .array(random(2) == 0 ? [] : [anything()])
    case 4: .object(random(2) == 0 ? [] : [(word(), anything())])
    default: .string([])
    }
  }

  private mutating func word() -> [UInt8] {
    switch random(16) {
    case 0: [0]
    case 1: []
    case 2: Array(repeating: UInt8(ascii: "a"), count: random(300))
    default: words[random(words.count)]
    }
  }
}

extension Scan.Node {
  /// As JSON, on one line. What is no ASCII is left as it is.
  var text: [UInt8] {
    switch self {
    case .object(let members):
      Array("{".utf8)
        + members.map { Scan.Node.string($0.name).text + ":".utf8 + $0.value.text }
        .joined(separator: ",".utf8) + "}".utf8
    case .array(let elements):
      Array("[".utf8) + elements.map(\.text).joined(separator: ",".utf8) + "]".utf8
    case .string(let bytes): Array("\"".utf8) + bytes.flatMap(Scan.Node.escaped) + "\"".utf8
    case .number(let text), .word(let text): Array(text.utf8)
    }
  }

  private static func escaped(_ byte: UInt8) -> [UInt8] {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): [0x5c, byte]
    case 0x00...0x0f: Array("\\u000\(String(byte, radix: 16))".utf8)
    case 0x10...0x1f: Array("\\u00\(String(byte, radix: 16))".utf8)
    default: [byte]
    }
  }
}

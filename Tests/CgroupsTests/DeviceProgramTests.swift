import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

private typealias Rule = Resources.DeviceRule

@Suite("Device program")
struct DeviceProgramTests {
  /// Numbers that occur in rules, and neighbours that do not.
  private static let numbers: [UInt32] = [0, 1, 3, 5, 7, 10, 136, 200, UInt32.max]

  private static func everyRequest(_ body: (Interpreter.Request) -> Void) {
    for kind in [UInt32(1), 2] {
      for access in UInt32(1)...7 {
        for major in numbers {
          for minor in numbers {
            body(.init(kind: kind, access: access, major: major, minor: minor))
          }
        }
      }
    }
  }

  private func check(_ rules: [DeviceRule], sourceLocation: SourceLocation = #_sourceLocation) {
    guard let program = DeviceProgram.make(rules) else {
      #expect(rules.allSatisfy { $0.allow && $0.isTotal }, sourceLocation: sourceLocation)
      return
    }
    #expect(Interpreter.unreachable(program) == [], sourceLocation: sourceLocation)
    var wrong = [Interpreter.Request]()
    DeviceProgramTests.everyRequest { request in
      let answer = Interpreter.run(program, request)
      if answer != (reference(rules, request) ? 1 : 0) { wrong.append(request) }
    }
    #expect(wrong == [], "\(rules)", sourceLocation: sourceLocation)
  }

  @Test("DR-5 DR-6 DR-8: without rules, everything but the default devices is denied")
  func defaults() throws {
    let rules = try ruleList([])
    check(rules)
    let program = try #require(DeviceProgram.make(rules))
    func allows(_ kind: UInt32, _ access: UInt32, _ major: UInt32, _ minor: UInt32) -> Bool {
      let request = Interpreter.Request(kind: kind, access: access, major: major, minor: minor)
      return Interpreter.run(program, request) == 1
    }
    for (major, minor) in [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (10, 200)] {
      #expect(allows(2, 7, UInt32(major), UInt32(minor)))
      #expect(!allows(1, 2, UInt32(major), UInt32(minor)))
    }
    #expect(allows(2, 6, 136, 77))
    #expect(allows(1, 1, 8, 0) && allows(2, 1, 1, 1))
    #expect(!allows(1, 2, 8, 0) && !allows(2, 2, 1, 1) && !allows(2, 3, 1, 1))
    #expect(program.count <= 32, "\(program.count) instructions")
  }

  @Test("DR-1 DR-8: programs agree with the rules, for rules taken at random")
  func random() {
    var generator = Generator(state: 42)
    for _ in 0..<300 {
      let count = Int(generator.next() % 8)
      check((0..<count).map { _ in DeviceRule(&generator) })
    }
  }

  @Test("DR-1: a later rule overrides an earlier one, access by access")
  func order() throws {
    let denyWrite = DeviceRule(allow: false, kind: .block, major: 7, access: .write)
    let allowAll = DeviceRule(allow: true, kind: .block, major: 7)
    check([allowAll, denyWrite])
    check([denyWrite, allowAll])
    // For both at once too: an open for reading and writing is an open for writing.
    #expect(!reference([allowAll, denyWrite], .init(kind: 1, access: 6, major: 7, minor: 0)))
    #expect(reference([allowAll, denyWrite], .init(kind: 1, access: 2, major: 7, minor: 0)))
  }

  @Test("DR-1: accesses that different rules allow add up")
  func union() {
    let rules = [
      DeviceRule(allow: true, kind: .block, major: 7, minor: 1, access: .read),
      DeviceRule(allow: true, kind: .block, major: 7, minor: 1, access: .write),
    ]
    check(rules)
    #expect(reference(rules, .init(kind: 1, access: 6, major: 7, minor: 1)))
  }

  @Test("DR-6: no rule takes the default devices away")
  func builtIn() throws {
    let rules = try ruleList([
      Rule(allow: true, type: "c", major: 10, minor: 200, access: "rwm"),
      Rule(allow: false, access: "rwm"),
      Rule(allow: false, type: "c", major: 1, minor: 3, access: "rwm"),
    ])
    check(rules)
    #expect(reference(rules, .init(kind: 2, access: 6, major: 1, minor: 3)))
  }

  @Test("DR-7: a hole in a wildcard is kept")
  func hole() throws {
    let rules = try ruleList([
      Rule(allow: true, type: "c", major: 7, access: "rwm"),
      Rule(allow: false, type: "c", major: 7, minor: 3, access: "rw"),
    ])
    check(rules)
    #expect(reference(rules, .init(kind: 2, access: 2, major: 7, minor: 5)))
    #expect(!reference(rules, .init(kind: 2, access: 2, major: 7, minor: 3)))
  }

  @Test("DR-2: a rule for all devices and accesses resets the list; allowing all needs no program")
  func reset() throws {
    let deny = Rule(allow: false, type: "b", access: "rwm")
    let everything = try ruleList([deny, Rule(allow: true, access: "rwm")])
    #expect(DeviceProgram.make(everything) == nil)
    #expect(DeviceProgram.make(try ruleList([Rule(allow: true)])) == nil)
    #expect(DeviceProgram.make(try ruleList([Rule(allow: true), deny])) != nil)
    // The numbers of a rule count, whatever its type is.
    #expect(
      DeviceProgram.make(try ruleList([Rule(allow: true, type: "a", major: 1)])) != nil)
  }

  @Test(
    "DR-2 DR-3 DR-4: what is no rule is refused with its place",
    arguments: [
      (Rule(allow: true, type: "d", access: "r"), "/0/type"),
      (Rule(allow: true, type: "c", major: -2, access: "r"), "/0/major"),
      (Rule(allow: true, type: "c", minor: 1 << 32, access: "r"), "/0/minor"),
      (Rule(allow: true, type: "c"), "/0"),
      (Rule(allow: true, type: "b", access: ""), "/0"),
    ])
  fileprivate func refused(_ rule: Rule, _ place: String) {
    let error = #expect(throws: ConfigError.self) { try ruleList([rule]) }
    #expect(error?.pointer == "/linux/resources/devices" + ByteString(place))
  }

  @Test("DR-4: a letter that is none allows nothing, and denies everything, with a warning")
  func unknownLetters() throws {
    var warnings = [ByteString]()
    let rules = try DeviceRule.list(
      [
        Rule(allow: true, type: "c", major: 1, access: "rwa"),
        Rule(allow: false, type: "b", major: 2, access: "rx"),
        Rule(allow: true, type: "b", major: 3, access: "x"),
      ], warnings: &warnings)
    #expect(rules[1].access == [.read, .write])
    #expect(rules[2].access == .all)
    #expect(rules[3].access == [])
    #expect(
      warnings.count == 3 && warnings[0].hasPrefix("/linux/resources/devices/0/access: `rwa`"))
    check(rules)
  }

  @Test("DR-3: -1 and absent are every number")
  func wildcards() throws {
    let rules = try ruleList([Rule(allow: true, type: "c", major: -1, minor: 7, access: "r")]
    )
    #expect(rules[1].major == nil && rules[1].minor == 7)
    check(rules)
    #expect(throws: ConfigError.self) {
      try ruleList([Rule](repeating: Rule(allow: true), count: 513))
    }
  }
}

/// The same numbers on every run (xorshift).
private struct Generator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

extension DeviceRule {
  fileprivate init(_ generator: inout Generator) {
    let numbers: [UInt32?] = [nil, 1, 3, 5, UInt32.max, nil]
    let kinds: [Kind] = [.any, .block, .character]
    self.init(
      allow: generator.next() % 2 == 0, kind: kinds[Int(generator.next() % 3)],
      major: numbers[Int(generator.next() % 6)], minor: numbers[Int(generator.next() % 6)],
      access: Access(rawValue: UInt32(generator.next() % 7) + 1))
  }
}

func ruleList(_ rules: [Resources.DeviceRule]) throws(ConfigError) -> [DeviceRule] {
  var warnings = [ByteString]()
  return try DeviceRule.list(rules, warnings: &warnings)
}

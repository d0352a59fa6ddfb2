import Bytes
import CommandLine
import Commands
import Testing

@Suite("EN-4: help")
struct HelpTests {
  static let available = CommandName.allCases.filter { $0.spec.isAvailable }

  @Test("EN-4: --help of every command is printed", arguments: available)
  func helpOfCommand(name: CommandName) throws {
    let help = try printed("\(name.text) --help")
    #expect(try printed("\(name.text) -h") == help)
    if !name.spec.endsOptionsAtOperand { #expect(try printed("\(name.text) id -help") == help) }
    #expect(try printed("help \(name.text)") == help)
    #expect(help.hasPrefix("usage: apus [GLOBAL OPTIONS] \(name.text)"))
  }

  @Test("EN-4: help names every option of the table", arguments: available)
  func helpNamesOptions(name: CommandName) throws {
    let lines = try printed("\(name.text) --help").split(separator: "\n")
    for option in name.spec.options + [.helpFlag] {
      let spelling = option.spelling.description
      #expect(lines.contains { $0.hasPrefix("  " + spelling) }, "\(spelling)")
    }
  }

  @Test("EN-4: general help names every command and global option")
  func general() throws {
    let help = try printed("--help")
    #expect(try printed("-h") == help)
    #expect(try printed("help") == help)
    for name in CommandName.allCases {
      let command = name.spec
      let listed = help.contains("\n  \(name.text) ")
      #expect(listed == command.isAvailable, "\(name.text)")
    }
    for option in OptionSpec.global { #expect(help.contains("  " + option.spelling.description)) }
  }

  @Test("engines that probe for checkpoint find it")
  func probes() throws {
    #expect(try printed("checkpoint --help").contains("--image-path"))
    #expect(
      try mistake("restore --lsm-mount-context").message
        == "option `--lsm-mount-context` requires an argument")
  }

  @Test("help fits a terminal", arguments: available)
  func width(name: CommandName) throws {
    for text in [Help.general, Help.text(name.spec)] {
      for line in text.description.split(separator: "\n") {
        #expect(line.utf8.count <= 80, "\(line)")
      }
    }
  }

  @Test("every command teaches: a purpose and an example", arguments: available)
  func teaches(name: CommandName) throws {
    let spec = name.spec
    #expect(spec.name == name)
    #expect(spec.purpose.utf8CodeUnitCount > spec.summary.utf8CodeUnitCount)
    #expect(!spec.examples.isEmpty)
  }

  @Test("the examples are accepted", arguments: available)
  func examples(name: CommandName) throws {
    for example in name.spec.examples {
      let line = "\(example)".split(separator: "|")[0]
      guard line.hasPrefix("apus ") else {
        #expect(line.hasPrefix("# "))
        continue
      }
      _ = try parse(String(line.dropFirst(5)))
    }
  }

  // The decision to hide the executable comes before the arguments are parsed (CVE-2019-5736).
  @Test("a command that needs protection is known by its word", arguments: available)
  func protection(name: CommandName) throws {
    for example in name.spec.examples {
      let line = "\(example)".split(separator: "|")[0]
      guard line.hasPrefix("apus "),
        case .perform(let command) = try parse(String(line.dropFirst(5))).action
      else { continue }
      let words = line.split(separator: " ").map { ByteString(String($0)) }
      #expect(!command.needsProtection || words.contains(where: Protection.isNeeded), "\(line)")
    }
  }
}

@Suite("the option table")
struct TableTests {
  static let tables: [(String, [OptionSpec])] =
    CommandName.allCases.map { ("\($0.text)", $0.spec.options + [.helpFlag]) }
    + [("apus", OptionSpec.global)]

  @Test("EN-1: no name occurs twice among the options of a command", arguments: tables)
  func unique(owner: String, options: [OptionSpec]) {
    var seen: [String] = []
    for option in options {
      for name in ["\(option.name)"] + "\(option.short)".map({ String($0) }) {
        #expect(!seen.contains(name), "\(owner): \(name)")
        seen.append(name)
      }
    }
  }

  @Test("names are lower case, long ones longer than a letter, helps short", arguments: tables)
  func spelling(owner: String, options: [OptionSpec]) {
    for option in options {
      let name = "\(option.name)"
      #expect(name.count > 1, "\(owner): \(name)")
      #expect(
        name.utf8.allSatisfy {
          $0 == 0x2d || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0)
        })
      #expect(!"\(option.help)".isEmpty && !"\(option.help)".hasSuffix("."))
      if case .flag = option.kind {
        #expect("\(option.valueName)".isEmpty)
      } else {
        #expect(!"\(option.valueName)".isEmpty, "\(owner): \(name)")
      }
    }
  }

  @Test("no two commands share a name")
  func commandNames() {
    let names = CommandName.allCases.map { "\($0.text)" }
    #expect(Set(names).count == names.count)
  }
}

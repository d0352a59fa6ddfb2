import Bytes
import CommandLine
import Testing

@Suite("papers made from the table")
struct GenerateTests {
  @Test("the man page of apus names every command and global option")
  func generalManPage() throws {
    let page = try printed("generate man")
    #expect(page.hasPrefix(".TH APUS 8 "))
    for name in HelpTests.available {
      #expect(page.contains("\n.BR apus\\-\(name.text) (8)\n"))
    }
    for option in OptionSpec.global {
      #expect(page.contains("\\fB\\-\\-" + manSpelling(option.name) + "\\fR"))
    }
  }

  @Test("the man page of a command names all its options", arguments: HelpTests.available)
  func manPage(name: CommandName) throws {
    let page = try printed("generate man \(name.text)")
    #expect(page.hasPrefix(".TH APUS\\-\("\(name.text)".uppercased()) 8 "))
    for option in name.spec.options + [.helpFlag] {
      #expect(page.contains("\\fB\\-\\-" + manSpelling(option.name) + "\\fR"), "\(option.name)")
    }
    #expect(!page.contains("`"))
  }

  @Test(
    "the completions of each shell know every command and option",
    arguments: [
      ("completion-bash", "--"), ("completion-zsh", "--"), ("completion-fish", "-l "),
    ])
  func completion(paper: String, dashes: String) throws {
    let script = try printed("generate \(paper)")
    for name in HelpTests.available {
      #expect(script.contains("\(name.text)"))
      for option in name.spec.options { #expect(script.contains(dashes + "\(option.name)")) }
    }
  }

  @Test(
    "the completions of each shell know the words that a command begins with",
    arguments: ["completion-bash", "completion-zsh", "completion-fish"])
  func words(paper: String) throws {
    let script = try printed("generate \(paper)")
    let known = [
      "test diff learn", "add remove list", "summary",
      "man completion-bash completion-zsh completion-fish", "config-absent", "seccomp-start",
      "create start run state",
    ]
    for words in known { #expect(script.contains(words), "\(words)") }
    #expect(!script.contains("compadd -- -"))
  }

  @Test("a word that a command does not know is answered with those that it knows")
  func unknownWord() throws {
    for (command, words) in [
      ("seccomp", "test, diff, learn"), ("mounts", "add, remove, list"), ("generate", "man, "),
    ] {
      #expect(
        try mistake("\(command) poem x y").message.description.hasPrefix(
          "`\(command)` takes \(words)"))
    }
    #expect(try mistake("seccomp diff").message == "`seccomp diff` needs PROFILE PROFILE")
    #expect(try mistake("trace summary").message == "`trace summary` needs FILE")
    #expect(
      try mistake("seccomp test p read 1 2 3 4 5 6 7").message
        == "a system call has at most six arguments: `7`")
  }

  @Test("other papers are refused")
  func refused() throws {
    #expect(
      try mistake("generate poem").message
        == "`generate` takes man, completion-bash, completion-zsh, completion-fish; not `poem`")
    #expect(
      try mistake("generate completion-bash create").message
        == "`completion-bash create` cannot be generated: only `man` is of one command")
    #expect(try mistake("generate man nonsense").message == "unknown command `nonsense`")
  }

  private func manSpelling(_ name: StaticString) -> String {
    "\(name)".split(separator: "-").joined(separator: "\\-")
  }
}

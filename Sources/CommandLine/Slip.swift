import Bytes

/// What was probably meant by an unknown word: the end of a message, or nothing.
enum Slip {
  static func command(_ word: ByteString) -> ByteString {
    // As engines and other tools call them.
    let meant: ByteString?
    switch word {
    case "rm", "remove": meant = "delete"
    case "stop", "signal": meant = "kill"
    case "ls": meant = "list"
    case "inspect", "status": meant = "state"
    case "unpause": meant = "resume"
    case "stats", "top": meant = word == "top" ? "ps" : "events"
    case "init": meant = "spec"
    case "lint", "validate", "verify": meant = "check"
    case "version": meant = "--version"
    case "man", "completion": meant = "generate"
    default:
      meant = word.nearest(
        among: CommandName.allCases.filter { $0.spec.isAvailable }.map { $0.text.text })
    }
    return told(meant)
  }

  static func option(_ name: ByteString, _ options: [OptionSpec]) -> ByteString {
    switch name {
    case "it", "ti", "t", "i":
      if options.contains(where: { $0.name.matches("tty") }) { return told("--tty") }
    default: break
    }
    let near = name.nearest(
      among: options.filter { !$0.isIgnored }.map { $0.name.text }.filter { $0.count > 1 })
    return name.count < 3 ? "" : told(near.map { "--" + $0 })
  }

  /// No word is left for the command: an option may have taken it.
  static func noCommand(_ globals: Matches) -> ByteString {
    for option in OptionSpec.global {
      if case .flag = option.kind { continue }
      guard let value = globals.text(OptionKey<ByteString>(option.name)),
        let name = value.split(on: UInt8(ascii: "/")).last,
        CommandName.allCases.contains(where: { $0.text.matches(name) })
      else { continue }
      return "no command: `--" + option.name.text + "` took " + quoted(name) + " as its value"
    }
    return "no command is given"
  }

  private static func told(_ word: ByteString?) -> ByteString {
    word.map { ": did you mean " + quoted($0) + "?" } ?? ""
  }
}

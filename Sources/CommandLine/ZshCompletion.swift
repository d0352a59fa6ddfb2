package import Bytes

/// Completions for zsh.
package enum ZshCompletion {
  package static var text: ByteString {
    var script = Lines()
    script.add("#compdef apus")
    script.add("_apus_ids() { compadd -- ${(f)\"$(apus list --quiet 2>/dev/null)\"} }")
    script.add("_apus() {")
    script.add("  local state line")
    script.add("  local -a commands=(")
    for command in Generate.commands {
      let entry = command.name.text.text + ":" + command.summary.text
      script.add("    ", entry.inSingleQuotes("'\\''"))
    }
    script.add("  )")
    script.add("  _arguments -C \\")
    for option in OptionSpec.global { addOption(option, &script) }
    script.add("    '1:command:->command' '*::argument:->argument'")
    script.add("  case $state in")
    script.add("  command) _describe command commands ;;")
    script.add("  argument)")
    script.add("    case $words[1] in")
    for command in Generate.commands {
      script.add("    ", command.name.text.text, ")")
      script.add("      _arguments \\")
      for option in command.options + [.helpFlag] { addOption(option, &script) }
      script.add("    ", operands(of: command))
      script.add("      ;;")
    }
    script.add("    esac ;;")
    script.add("  esac")
    script.add("}")
    script.add("_apus \"$@\"")
    return script.text
  }

  private static func operands(of command: CommandSpec) -> ByteString {
    let words = command.words
    guard !words.isEmpty || command.idPlace != nil else { return "'*: :_files'" }
    var text: ByteString = ""
    if !words.isEmpty {
      let all = "compadd -- " + words.joined(by: " ")
      text += "'1:word:{" + all + (command.idPlace == 0 ? "; _apus_ids" : "") + "}' "
    } else if command.idPlace == 0 {
      text += "'1:container:_apus_ids' "
    }
    if command.idPlace == 1 { text += "'2:container:_apus_ids' " }
    return text + "'*:argument:_files'"
  }

  private static func addOption(_ option: OptionSpec, _ script: inout Lines) {
    let help = "[" + escaped(option.help.text) + "]"
    for name in option.switches {
      let isLong = name.hasPrefix("--")
      var entry = (option.repeats ? "*" : "") + name
      if !option.isFlag { entry += isLong ? "=" : "" }
      entry += help
      if !option.isFlag { entry += ":" + escaped(option.valueName.text) + ":" + action(option) }
      script.add("    ", entry.inSingleQuotes("'\\''"), " \\")
    }
  }

  private static func action(_ option: OptionSpec) -> ByteString {
    if !option.choices.isEmpty { return "(" + option.choices.joined(by: " ") + ")" }
    if !option.path.isPath { return "" }
    return option.path.isDirectory ? "_files -/" : "_files"
  }

  /// Without what ends a description or a value's name.
  private static func escaped(_ text: ByteString) -> ByteString {
    text.replacing(UInt8(ascii: "["), with: "\\[").replacing(UInt8(ascii: "]"), with: "\\]")
      .replacing(UInt8(ascii: ":"), with: "\\:")
  }
}

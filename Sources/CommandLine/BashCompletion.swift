package import Bytes

/// Completions for bash.
package enum BashCompletion {
  package static var text: ByteString {
    var script = Lines()
    script.add("# bash completion for apus")
    script.add("_apus() {")
    script.add("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}")
    script.add("  local command= i")
    script.add("  for ((i = 1; i < COMP_CWORD; i++)); do")
    script.add("    case ${COMP_WORDS[i]} in")
    script.add("    ", pattern(OptionSpec.global.filter { !$0.isFlag }), ") ((i++)) ;;")
    script.add("    -*) ;;")
    script.add("    *) command=${COMP_WORDS[i]}; break ;;")
    script.add("    esac")
    script.add("  done")
    script.add("  COMPREPLY=()")
    script.add("  case $command in")
    addCase(
      "''", options: OptionSpec.global, words: Generate.commands.map { $0.name.text.text },
      ids: false, to: &script)
    for command in Generate.commands {
      addCase(
        command.name.text.text, options: command.options + [.helpFlag],
        words: command.words, ids: command.idPlace != nil, to: &script)
    }
    script.add("  esac")
    script.add("}")
    script.add("complete -o default -F _apus apus")
    return script.text
  }

  /// The branch of a command: values after the options that take one, else options and words.
  private static func addCase(
    _ label: ByteString, options: [OptionSpec], words: [ByteString], ids: Bool,
    to script: inout Lines
  ) {
    script.add("  ", label, ")")
    script.add("    case $prev in")
    for option in options where !option.isFlag {
      script.add("    ", pattern([option]), ") ", reply(option), "return ;;")
    }
    script.add("    esac")
    let all = options.map { "--" + $0.name.text } + words
    script.add(
      "    COMPREPLY=($(compgen -W \"", all.joined(by: " "),
      ids ? " $(apus list --quiet 2>/dev/null)" : "", "\" -- \"$cur\")) ;;")
  }

  private static func pattern(_ options: [OptionSpec]) -> ByteString {
    options.flatMap { $0.switches }.joined(by: "|")
  }

  private static func reply(_ option: OptionSpec) -> ByteString {
    let action: ByteString
    if !option.choices.isEmpty {
      action = "-W \"" + option.choices.joined(by: " ") + "\""
    } else if option.path.isPath {
      action = option.path.isDirectory ? "-d" : "-f"
    } else {
      return ""
    }
    return "COMPREPLY=($(compgen " + action + " -- \"$cur\")); "
  }
}

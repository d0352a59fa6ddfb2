package import Bytes

/// Completions for fish.
package enum FishCompletion {
  package static var text: ByteString {
    var script = Lines()
    script.add("# fish completion for apus")
    script.add("complete -c apus -f")
    for option in OptionSpec.global { addOption(option, "__fish_use_subcommand", &script) }
    for command in Generate.commands {
      let name = command.name.text.text
      script.add(
        "complete -c apus -n __fish_use_subcommand -a ", name, " -d ",
        quoted(command.summary.text))
      let condition = "'__fish_seen_subcommand_from " + name + "'"
      if !command.words.isEmpty {
        script.add(
          "complete -c apus -n ", condition, " -a ", quoted(command.words.joined(by: " ")))
      }
      if command.idPlace != nil {
        script.add(
          "complete -c apus -n ", condition, " -a '(apus list --quiet 2>/dev/null)'")
      }
      for option in command.options + [.helpFlag] { addOption(option, condition, &script) }
    }
    return script.text
  }

  private static func addOption(
    _ option: OptionSpec, _ condition: ByteString, _ script: inout Lines
  ) {
    var line: ByteString = "complete -c apus -n " + condition
    for letter in option.short.text.bytes { line += " -s " + ByteString([letter]) }
    line += " -l " + option.name.text
    if !option.choices.isEmpty {
      line += " -x -a '" + option.choices.joined(by: " ") + "'"
    } else if option.path.isDirectory {
      line += " -x -a '(__fish_complete_directories)'"
    } else if option.path.isPath {
      line += " -r -F"
    } else if !option.isFlag {
      line += " -x"
    }
    script.add(line, " -d ", quoted(option.help.text))
  }

  private static func quoted(_ text: ByteString) -> ByteString {
    text.replacing(0x5c, with: "\\\\").inSingleQuotes("\\'")
  }
}

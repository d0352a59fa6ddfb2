import Bytes
import Commands

// The table, part: changes of the mounts of a container that exists.

extension CommandSpec {
  static var mounts: CommandSpec {
    CommandSpec(
      name: .mounts, operands: "add|remove|list ID [FILE]", operandCount: 2...3,
      summary: "change the mounts of a container",
      purpose: """
        Adds mounts to a container that exists, removes them, or lists its mounts. FILE is a JSON \
        file, - for standard input: an object with `mounts` as in config.json, or that array. All \
        of it is done or nothing. Of an entry that is removed only the destination is used.
        """,
      examples: [
        "# mounts.json:",
        "# [{\"destination\": \"/data\", \"source\": \"/srv\", \"options\": [\"bind\"]}]",
        "apus mounts add web mounts.json",
        "apus mounts list web",
        "# also from standard input: [{\"destination\": \"/data\"}]",
        "apus mounts remove web -",
      ],
      options: [
        .flag(.force, "remove mounts of the configuration, too"),
        .listFormat,
      ])
  }
}

extension CommandBuilder {
  func mounts() throws(ArgumentError) -> MountsOptions {
    let operands = matches.operands
    var options = MountsOptions(id: operands[1])
    options.force = matches.isOn(.force)
    if matches.text(.format) == "json" { options.format = .json }
    switch operands[0] {
    case "add": options.action = .add
    case "remove": options.action = .remove
    default: break
    }
    let needsFile = options.action != .list
    guard (operands.count == 3) == needsFile else {
      throw ArgumentError(
        message: "`mounts " + operands[0] + "` "
          + (needsFile ? "needs a file, - for standard input" : "takes no file"))
    }
    guard needsFile, operands[2] != "-" else { return options }
    guard !operands[2].isEmpty, let path = HostPath.absolute(operands[2], from: directory) else {
      throw ArgumentError(message: quoted(operands[2]) + " is not a path")
    }
    options.file = path
    return options
  }
}

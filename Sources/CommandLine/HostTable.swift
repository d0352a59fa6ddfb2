// The table, part: commands that are not about one container.

extension CommandSpec {
  static var list: CommandSpec {
    CommandSpec(
      name: .list, operands: "", operandCount: 0...0,
      summary: "list containers",
      purpose: "Lists the containers of this state root.",
      examples: ["apus list", "apus list --format json | jq -r '.[].id'"],
      options: [.listFormat, .flag(.quiet, short: "q", "ids only, one per line")])
  }

  static var spec: CommandSpec {
    CommandSpec(
      name: .spec, operands: "", operandCount: 0...0,
      summary: "write a default config.json",
      purpose: """
        Writes a config.json that runs `sh` in the directory rootfs beside it. A file that exists \
        is not overwritten.
        """,
      examples: ["apus spec --bundle /srv/web", "apus spec --rootless"],
      options: [
        .bundle,
        .value(
          .file, short: "f", .text, "FILE", "file in the bundle to write (default: config.json)"),
        .flag(.rootless, "for a user without privileges"),
      ])
  }

  static var features: CommandSpec {
    CommandSpec(
      name: .features, operands: "", operandCount: 0...0,
      summary: "print what this runtime supports as JSON",
      purpose: """
        Prints the features object of the runtime specification: versions, mount options, \
        namespaces, capabilities, seccomp actions and more that this runtime knows.
        """,
      examples: ["apus features | jq .linux.seccomp"])
  }

  static var help: CommandSpec {
    CommandSpec(
      name: .help, operands: "[COMMAND]", operandCount: 0...1,
      summary: "explain a command",
      purpose: "Explains apus, or one command of it.",
      examples: ["apus help create"])
  }

  static var explain: CommandSpec {
    CommandSpec(
      name: .explain, operands: "[CODE|ID]", operandCount: 0...1,
      summary: "explain the code of an error, or how a container ended",
      purpose: """
        Explains the code that is shown below an error, or as `code` in a JSON record: what is \
        wrong, why, and what to do, with an example. Any other argument is the id of a container: \
        it shows what is known about the container and how it ended, also after it is gone, if it \
        failed or ended with another exit status than 0. The newest 64 such records are kept below \
        the state root.
        """,
      examples: [
        "apus explain exec-interpreter", "apus explain --list",
        "# why did it not start, and how did it end?",
        "apus explain web",
      ],
      options: [
        .flag(.list, "list every code with its meaning, one per line"), .checkFormat,
      ])
  }

  static var generate: CommandSpec {
    CommandSpec(
      name: .generate, operands: "DOCUMENT [COMMAND]",
      operandCount: 1...2,
      summary: "print man pages and shell completions",
      purpose: """
        Prints the documents that a package installs with apus: `man` is the man page of apus \
        or of one command, `completion-bash`, `completion-zsh` and `completion-fish` complete in a shell.
        """,
      examples: [
        "apus generate man create",
        "# /usr/share/bash-completion/completions/apus",
        "apus generate completion-bash",
      ])
  }
}

// The table, part: `report`.

import Commands

extension CommandSpec {
  static var report: CommandSpec {
    CommandSpec(
      name: .report, operands: "ID", operandCount: 1...1,
      summary: "put what a bug report needs into one file",
      purpose: """
        Writes a tar archive with what is known of a container: its configuration, state and plan, \
        failures and ends that were kept of its id, and the features, kernel and version. The values of environment \
        variables are left out unless --with-env is given. Other secrets, in arguments or annotations, are \
        not: read it before you pass it on.
        """,
      examples: [
        "apus report --output web.tar web",
        "# of a container that is gone, or never was",
        "apus report --failed web | tar -xv",
      ],
      options: [
        .flag(.failed, "a container that failed, and that may be gone"),
        .value(
          .output, short: "o", .file, "FILE", "write to a new FILE instead of standard output"),
        .flag(.withEnv, "with the values of environment variables"),
      ])
  }
}

extension CommandBuilder {
  func report() -> ReportOptions {
    ReportOptions(
      id: matches.operands[0], isFailed: matches.isOn(.failed), output: matches.text(.output),
      withEnvironment: matches.isOn(.withEnv), version: Version.text)
  }
}

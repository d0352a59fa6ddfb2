// The table, part: commands about a bundle of which no container is made.

extension OptionSpec {
  static var checkConfig: OptionSpec {
    .value(
      .config, short: "f", .text, "FILE",
      "configuration file in the bundle (default: config.json)")
  }
  static var checkFormat: OptionSpec {
    .value(
      .format, .choice("text|json"), "FORMAT", "form of the output: text or json (default: text)")
  }
}

extension OptionSpec {
  /// What `run`, `check` and `plan` take instead of a configuration, or beside one.
  static var changes: [OptionSpec] {
    [
      .value(
        .rootfs, .directory, "DIR",
        "run COMMAND in this directory, without a bundle, as `spec` would configure it"),
      .value(
        .set, .text, "POINTER=VALUE", repeats: true,
        "change the configuration: VALUE is JSON or a string, as in /hostname=web or /mounts/-={...}"
      ),
    ]
  }
}

extension CommandSpec {
  static var check: CommandSpec {
    var spec = CommandSpec(
      name: .check, operands: "[-- COMMAND...]", operandCount: 0...CommandSpec.anyNumber,
      summary: "find what is wrong with a bundle",
      purpose: """
        Checks the configuration of a bundle, and what create would need from this host, without \
        making, locking or changing anything. Every finding has its place in the configuration and \
        a stable code. The exit status is 0 if no error was found, 1 if there are errors, and 2 for \
        a usage error. With --security \
        it lists what the container could do to the host, with one score from 0 to 100.
        """,
      examples: [
        "# the bundle in the current directory",
        "apus check",
        "# in CI: no warnings, and a low exposure score",
        "apus check --bundle /srv/web --strict --threshold 40",
        "# would it run for user 1000?",
        "apus check --bundle /srv/web --as-user 1000 --format json",
        "# without a bundle, or with another configuration",
        "apus check --rootfs /srv/image --set /root/readonly=false -- httpd -f",
      ],
      options: [
        .bundle, .checkConfig,
        .flag(.security, "list what the container could do to the host, with a score"),
        .flag(.strict, "treat warnings as errors"),
        .value(
          .threshold, .number(maximum: 100), "N",
          "as --security, and fail if the score is higher than N"),
        .value(.asUser, .number(maximum: 4_294_967_294), "UID", "check as if this user called"),
        .flag(
          .rootless,
          "check as if the owner of the bundle called, unprivileged (`nobody` for a bundle of root)"
        ),
        .checkFormat,
      ] + OptionSpec.changes)
    spec.usageStatus = 2
    return spec
  }

  static var plan: CommandSpec {
    var spec = CommandSpec(
      name: .plan, operands: "[BUNDLE BUNDLE | -- COMMAND...]",
      operandCount: 0...CommandSpec.anyNumber,
      summary: "show what create would do, step by step",
      purpose: """
        Prints what was decided for a container and the steps of creating it, in order, each with \
        its place in the configuration. Nothing is made. With --diff it prints only what differs \
        between the plans of two bundles, and the exit status is 1 if anything differs and 2 for a \
        failure.
        """,
      examples: [
        "apus plan --bundle /srv/web",
        "# what an update of the bundle changes",
        "apus plan --diff /srv/web.old /srv/web",
      ],
      options: [
        .bundle, .checkConfig,
        .flag(.diff, "compare the plans of two bundles"), .checkFormat,
      ] + OptionSpec.changes)
    spec.usageStatus = 2
    return spec
  }
}

// The table, part: commands about the processes and limits of a container that exists.

extension OptionSpec {
  static var listFormat: OptionSpec {
    .value(
      .format, short: "f", .choice("table|json"), "FORMAT",
      "format of the output: table or json (default: table)")
  }
}

extension CommandSpec {
  static var exec: CommandSpec {
    CommandSpec(
      name: .exec, operands: "ID [COMMAND [ARGUMENT...]]",
      operandCount: 1...CommandSpec.anyNumber, endsOptionsAtOperand: true,
      summary: "run one more process in a container",
      purpose: """
        Runs a command in a container, with the environment, user and rights of the container's \
        own process where no option says otherwise, or a process that a file describes. The exit \
        status is that of the command, 128 and the signal's number if a signal ended it, and 255 \
        if it could not be run.
        """,
      examples: [
        "apus exec web ps aux",
        "apus exec --tty --env TERM=xterm --cwd /srv web sh",
        "# as an engine does it",
        "apus exec --detach --process process.json --pid-file /run/e.pid web",
      ],
      options: [
        .value(
          .process, short: "p", .file, "FILE",
          "JSON file with the process object; it replaces the command and its options"),
        .flag(.detach, short: "d", "return once the command was started"),
        .pidFile, .consoleSocket, .pidfdSocket,
        .flag(.tty, short: "t", "give the command a terminal"),
        .value(.cwd, .text, "DIR", "working directory in the container"),
        .value(
          .env, short: "e", .text, "NAME=VALUE", repeats: true, "add a variable to the environment"
        ),
        .value(.user, short: "u", .text, "UID[:GID]", "user and group, as numbers"),
        .value(
          .additionalGids, short: "g", .number(maximum: UInt64(UInt32.max) - 1), "GID",
          repeats: true,
          "add a supplementary group"),
        .value(.cap, short: "c", .text, "CAPABILITY", repeats: true, "add a capability"),
        .flag(.noNewPrivs, "set no_new_privs: set-user-id programs gain no privileges"),
        .value(.processLabel, .text, "LABEL", "SELinux label of the command"),
        .value(.apparmor, .text, "PROFILE", "AppArmor profile of the command"),
        .preserveFds,
        .value(
          .cgroup, .text, "PATH", repeats: true,
          "cgroup below the container's own, which must exist"),
        .flag(.ignorePaused, "allow it in a paused container"),
      ])
  }

  static var ps: CommandSpec {
    CommandSpec(
      name: .ps, operands: "ID [PS-ARGUMENT...]", operandCount: 1...CommandSpec.anyNumber,
      endsOptionsAtOperand: true,
      summary: "list the processes of a container",
      purpose: """
        Lists the processes of a container by their pids on the host. As a table it is the output \
        of the host's `ps`, with the given arguments (default: -ef), limited to the container.
        """,
      examples: ["apus ps web", "apus ps web -o pid,rss,args", "apus ps --format json web"],
      options: [.listFormat])
  }

  static var events: CommandSpec {
    CommandSpec(
      name: .events, operands: "ID", operandCount: 1...1,
      summary: "print statistics and events of a container",
      purpose: """
        Prints one JSON object per line: a sample of the container's statistics at every interval, \
        and a notice when the OOM killer killed a process.
        """,
      examples: ["apus events --stats web", "apus events --interval 1s web"],
      options: [
        .value(.interval, .duration, "TIME", "time between samples (default: 5s)"),
        .flag(.stats, "print one sample and exit"),
      ])
  }

  static var update: CommandSpec {
    CommandSpec(
      name: .update, operands: "ID", operandCount: 1...1,
      summary: "change the limits of a container",
      purpose: """
        Changes the resource limits of an existing container. Limits that are not named stay as \
        they are; if a change fails, all of them are undone.
        """,
      examples: ["apus update --memory 512m --pids-limit 100 web"],
      options: updateOptions)
  }

  private static var updateOptions: [OptionSpec] {
    [
      .value(
        .resources, short: "r", .fileOrStandardInput, "FILE",
        "JSON file with the resources object, - for standard input; replaces the other options"),
      .value(.memory, .size, "BYTES", "memory limit: 64m, 2g, -1 for none"),
      .value(.memoryReservation, .size, "BYTES", "memory that is protected from reclaim"),
      .value(.memorySwap, .size, "BYTES", "limit of memory and swap together, -1 for none"),
      .value(
        OptionKey("kernel-memory"), .size, "BYTES", ignored: true,
        "ignored, cgroup v2 has no such limit"),
      .value(
        OptionKey("kernel-memory-tcp"), .size, "BYTES", ignored: true,
        "ignored, cgroup v2 has no such limit"),
      .value(.cpuPeriod, .number(maximum: .max), "USEC", "period of the CPU quota"),
      .value(.cpuQuota, .integer, "USEC", "CPU time in each period, -1 for no limit"),
      .value(.cpuBurst, .number(maximum: .max), "USEC", "unused quota that may be saved up"),
      .value(.cpuShare, .number(maximum: .max), "N", "relative weight, from 2 to 262144"),
      .value(.cpuRtPeriod, .number(maximum: .max), "USEC", "period of realtime scheduling"),
      .value(.cpuRtRuntime, .integer, "USEC", "realtime CPU time in each period"),
      .value(.cpuIdle, .integer, "0|1", "1 for the idle scheduling class"),
      .value(.cpusetCpus, .text, "LIST", "CPUs to run on: 0-3,6"),
      .value(.cpusetMems, .text, "LIST", "memory nodes to use: 0-1"),
      .value(.blkioWeight, .number(maximum: 1000), "N", "block I/O weight, from 10 to 1000"),
      .value(.pidsLimit, .integer, "N", "number of processes, -1 for no limit"),
      .value(.l3CacheSchema, .text, "SCHEMA", "Intel RDT schema of the L3 cache"),
      .value(.memBwSchema, .text, "SCHEMA", "Intel RDT schema of memory bandwidth"),
    ]
  }
}

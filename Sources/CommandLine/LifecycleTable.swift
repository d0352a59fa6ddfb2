// The table, part: commands that move a container through its life.

extension OptionSpec {
  static var bundle: OptionSpec {
    .value(
      .bundle, short: "b", .directory, "DIR",
      "directory of the bundle (default: current directory)")
  }
  static var consoleSocket: OptionSpec {
    .value(
      .consoleSocket, .file, "SOCKET",
      "send the master side of the terminal to this unix socket")
  }
  static var pidfdSocket: OptionSpec {
    .value(.pidfdSocket, .file, "SOCKET", "send a pidfd of the process to this unix socket")
  }
  static var pidFile: OptionSpec {
    .value(.pidFile, .file, "FILE", "write the pid of the process to FILE")
  }
  static var noPivot: OptionSpec {
    .flag(.noPivot, "enter the root with MS_MOVE and chroot, for a host on an initramfs")
  }
  static var noNewKeyring: OptionSpec {
    .flag(.noNewKeyring, "keep the session keyring of the caller")
  }
  static var preserveFds: OptionSpec {
    .value(
      .preserveFds, .number(maximum: 1 << 20), "N",
      "pass N more descriptors, from 3 on, to the container (default: 0)")
  }
  static var regex: OptionSpec {
    .flag(
      .regex, short: "r", "ID is an extended regular expression, for every container it matches")
  }

  /// What `create` and `run` share.
  static var creation: [OptionSpec] {
    [
      bundle,
      .value(
        .config, short: "f", .text, "FILE",
        "configuration file in the bundle (default: config.json)"),
      consoleSocket, pidfdSocket, pidFile, noPivot, noNewKeyring, preserveFds,
    ]
  }
}

extension CommandSpec {
  static var create: CommandSpec {
    CommandSpec(
      name: .create, operands: "ID", operandCount: 1...1,
      summary: "create a container, ready to start",
      purpose: """
        Makes the container that config.json in the bundle describes, up to the point where its \
        program would run: namespaces, mounts, cgroup and filters are in place when the command \
        returns. `start` then runs the program. If anything fails, nothing is left behind.
        """,
      examples: [
        "# a container from the bundle in the current directory",
        "apus create web",
        "# as an engine does it",
        "apus create --bundle /srv/web --pid-file /run/web.pid web",
      ],
      options: OptionSpec.creation + [
        .flag(.noSubreaper, ignored: true, "ignored, nothing stays behind to reap")
      ])
  }

  static var start: CommandSpec {
    CommandSpec(
      name: .start, operands: "ID", operandCount: 1...1,
      summary: "run the program of a created container",
      purpose: """
        Runs the program of a container that `create` has made, and returns once it was started. \
        A container starts once.
        """,
      examples: ["apus start web"])
  }

  static var run: CommandSpec {
    CommandSpec(
      name: .run, operands: "ID | --rootfs DIR [-- COMMAND...]",
      operandCount: 0...CommandSpec.anyNumber,
      summary: "create, start, wait and delete",
      purpose: """
        Makes a container, runs its program, waits for it and deletes the container. The exit \
        status is that of the program, or 128 and the number of the signal that ended it. With \
        --detach the command returns once the program was started. With --rootfs it needs no \
        bundle: COMMAND, or sh, runs in that directory with the configuration that `spec` writes, on \
        the caller's terminal if there is one.
        """,
      examples: [
        "# a shell in the bundle in the current directory",
        "apus run shell",
        "# keep the state and the cgroup after its end",
        "apus run --keep --bundle /srv/job job",
        "# try something by hand, without a bundle",
        "apus run --rootfs /srv/image --set /root/readonly=false -- sh -c 'id; mount'",
      ],
      options: OptionSpec.creation + OptionSpec.changes + [
        .flag(.detach, short: "d", "return once the program was started"),
        .flag(.keep, "keep the container after its end"),
        .value(
          .breakPoint, .text, "STEP", repeats: true,
          "stop before a step of the plan: a number, the beginning of its title, or a pointer"),
        .flag(
          .explainDenials,
          "tell at the end which calls the seccomp filter refused, and by which rule"),
        .flag(.noSubreaper, "do not adopt processes that outlive their parents"),
      ])
  }

  static var state: CommandSpec {
    CommandSpec(
      name: .state, operands: "ID", operandCount: 1...1,
      summary: "print the state of a container as JSON",
      purpose: """
        Prints the state of a container as a JSON object: id, status (creating, created, running, \
        paused or stopped), pid, bundle, rootfs, creation time and annotations.
        """,
      examples: ["apus state web", "apus state web | jq -r .status"])
  }

  static var kill: CommandSpec {
    CommandSpec(
      name: .kill, operands: "ID [SIGNAL]", operandCount: 1...2, endsOptionsAtOperand: true,
      summary: "send a signal to a container",
      purpose: """
        Sends a signal to the first process of a container: SIGTERM unless another is given, as a \
        number or a name, with or without SIG, RTMIN+n too. KILL on a container that shares its \
        pid namespace ends all its processes.
        """,
      examples: [
        "apus kill web",
        "apus kill web HUP",
        "# whatever is left of a container that has stopped",
        "apus kill --all web KILL",
      ],
      options: [
        .flag(
          .all, short: "a", "every process of the container; a stopped container is not an error"),
        .regex,
      ])
  }

  static var delete: CommandSpec {
    CommandSpec(
      name: .delete, operands: "ID", operandCount: 1...1,
      summary: "remove a container that has stopped",
      purpose: """
        Removes what is left of a container that was never started or has stopped: its state and \
        its cgroup, and runs the poststop hooks.
        """,
      examples: ["apus delete web", "apus delete --force web"],
      options: [
        .flag(
          .force, short: "f", "kill a running container first; a missing container is not an error"),
        .regex,
      ])
  }

  static var pause: CommandSpec {
    CommandSpec(
      name: .pause, operands: "ID", operandCount: 1...1,
      summary: "freeze all processes of a container",
      purpose: """
        Freezes all processes of a container and returns once they are frozen. A container that \
        is paused already stays paused.
        """,
      examples: ["apus pause web"])
  }

  static var resume: CommandSpec {
    CommandSpec(
      name: .resume, operands: "ID", operandCount: 1...1,
      summary: "let a paused container go on",
      purpose: "Lets the processes of a paused container go on.",
      examples: ["apus resume web"])
  }
}

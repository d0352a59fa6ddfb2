import Bytes
import Commands

// The table, part: a look into a container with tools of the host.

extension CommandSpec {
  static var debug: CommandSpec {
    CommandSpec(
      name: .debug, operands: "ID [COMMAND [ARGUMENT...]]",
      operandCount: 1...CommandSpec.anyNumber, endsOptionsAtOperand: true,
      summary: "look into a container with tools of the host",
      purpose: """
        Runs a shell, or a command, with tools of the host in the namespaces of a container that is \
        running, created or paused, whatever is in its image, and without changing it. The tools are \
        the host's static busybox, and what is in the directory of --tools; they lie in /.apus of a \
        root that only the command sees, and come before the container's own programs. The seccomp \
        filter, the capabilities and the limits of the container hold where no option says \
        otherwise. Everything that was started ends with the command.
        """,
      examples: [
        "# a shell in a container that has none",
        "apus debug web",
        "apus debug web netstat -ltn",
        "# a static strace of the host's, on the program of the container",
        "apus debug --tools /opt/static --cap CAP_SYS_PTRACE web strace -p 1",
      ],
      options: [
        .value(
          .tools, .directory, "DIR",
          "more tools: a directory with programs, or with bin; read-only at /.apus/tools"),
        .value(
          .user, short: "u", .text, "UID[:GID]",
          "user and group, as numbers (default: the container's)"),
        .flag(.privileged, "as root with every capability, without seccomp filter and labels"),
        .value(.cap, short: "c", .text, "CAPABILITY", repeats: true, "add a capability"),
        .value(.cwd, .text, "DIR", "working directory in the container (default: /)"),
        .value(
          .env, short: "e", .text, "NAME=VALUE", repeats: true, "add a variable to the environment"
        ),
        .flag(.tty, short: "t", "give the command a terminal (a shell gets one on a terminal)"),
        .flag(.initView, "print how to enter by hand, and run nothing"),
      ])
  }
}

extension CommandBuilder {
  func debug() throws(ArgumentError) -> DebugOptions {
    var exec = ExecOptions(id: matches.operands[0])
    exec.ignorePaused = true
    exec.tty = matches.isOn(.tty)
    exec.cwd = matches.text(.cwd) ?? "/"
    exec.environment = matches.strings(.env)
    if let user = matches.text(.user) { exec.user = try execUser(user) }
    exec.capabilities = matches.strings(.cap)
    exec.arguments = Array(matches.operands.dropFirst())
    return DebugOptions(
      exec: exec, tools: matches.text(.tools), isPrivileged: matches.isOn(.privileged),
      onlyPrints: matches.isOn(.initView))
  }
}

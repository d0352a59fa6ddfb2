package import Bytes

/// What `apus explain` says of a code: of a failure's, or of one that only `check` has.
package struct CodePage: Sendable {
  package let name: ByteString
  package let meaning: ByteString
  package let example: ByteString

  package static var all: [CodePage] {
    DiagnosisCode.allCases.map { code in
      let (meaning, example) = code.text
      return CodePage(
        name: ByteString(stringLiteral: code.word), meaning: ByteString(stringLiteral: meaning),
        example: ByteString(stringLiteral: example))
    } + findings + exposures
  }

  package static func find(_ name: ByteString) -> CodePage? { all.first { $0.name == name } }

  private static var findings: [CodePage] {
    [
      CodePage(
        name: "hook-arguments",
        meaning: """
          A warning of `apus check`: args of a hook begins with an option. The list is the whole argv, as \
          for execve, so its first element is the hook's name and not read as an argument. Put the name \
          before it.
          """,
        example: """
          warning[hook-arguments] /hooks/poststop/0/args/0: `--all` is the name that the hook is started \
          under, and no argument
          """),
      CodePage(
        name: "seccomp-start",
        meaning: """
          A warning of `apus check`: the filter refuses calls that nearly every program makes before its \
          first line or at its end. The program would be killed, or fail, before it does anything. Allow \
          them; `apus seccomp learn` tells what a program needs.
          """,
        example: """
          warning[seccomp-start] /linux/seccomp: the default action SCMP_ACT_ERRNO answers brk, mmap, \
          which nearly every program calls before its first line or at its end
          """),
    ]
  }

  private static var exposures: [CodePage] {
    ByteString(
      stringLiteral: """
        capabilities|Capabilities that matter to the host
        capability|A capability that is as good as root on the host
        cgroup-writable|A cgroup filesystem that can be written
        device|Devices of the host
        device-rules|Rules that open more devices than usual
        engine-socket|The socket of an engine, which makes containers for whoever writes to it
        host-path|Directories and files of the host
        limit-memory|Whether memory is limited
        limit-pids|Whether the number of processes is limited
        masks|Files of procfs that are usually masked
        namespace-cgroup|Whose cgroup names it sees
        namespace-ipc|Whose shared memory it has
        namespace-mount|Whose mounts it changes
        namespace-network|Whose network devices and ports it has
        namespace-pid|Whose processes it sees
        namespace-user|Who its root is on the host
        namespace-uts|Whose host name it has
        no-new-privileges|Whether set-uid programs give more rights
        proc-writable|Files of procfs that set the whole host
        propagation|Mounts that travel between host and container
        root-owner|Who may change the root filesystem on the host
        root-writable|Whether the root filesystem can be written
        seccomp|Whether a filter refuses system calls
        seccomp-calls|Calls with a record of faults that the filter lets through
        security-module|Whether AppArmor or SELinux confines it
        sys-writable|A sysfs that can be written
        """
    ).split(on: 0x0a).map { line in
      let (name, what) = line.cut(at: UInt8(ascii: "|")) ?? (line, "")
      return CodePage(
        name: name,
        meaning: what
          + ". A row of `apus check --security`, which looks at what the container could do to"
          + " the host. Its points are per cent of what the rows before it have left; the row says what to"
          + " set.",
        example: "apus check --security")
    }
  }
}

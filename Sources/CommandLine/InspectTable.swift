import Commands

// The table, part: what is in force, on the host and in a container, and what is left over.

extension CommandSpec {
  static var inspect: CommandSpec {
    var spec = CommandSpec(
      name: .inspect, operands: "ID", operandCount: 1...1,
      summary: "show what is configured beside what is in force",
      purpose: """
        Compares the configuration of a container that lives with what the kernel has in force: mounts and \
        their flags, namespaces and id maps, capabilities, seccomp, label, limits, cgroup files, the device \
        program, settings, masked and read-only paths, and what init holds of the host. Paths and settings are \
        tried by a process that enters the container's namespaces and that nothing in there can see. With \
        --drift only what differs, or could not be looked at, is shown, and the exit status is 1 if anything \
        differs.
        """,
      examples: [
        "apus inspect web",
        "# is it still as it was configured?",
        "apus inspect --drift web",
        "apus inspect --drift --format json web | jq -r '.rows[].pointer'",
      ],
      options: [.flag(.drift, "show only what differs, and exit 1 if anything does"), .checkFormat])
    spec.usageStatus = 2
    return spec
  }

  static var gc: CommandSpec {
    CommandSpec(
      name: .gc, operands: "", operandCount: 0...0,
      summary: "remove what commands that were killed have left",
      purpose: """
        Looks for what is left of commands and containers that no longer exist: containers whose create died, \
        or that are stopped and whose bundle is gone; cgroups without a container; FIFOs and half-written files; \
        failures older than 30 days. What is certainly dead and this runtime's is removed, with the container's \
        lock held; whatever may live or belong to somebody is shown, with the command that removes it. It can \
        run beside other commands. The exit status is 1 if something could not be removed.
        """,
      examples: [
        "# what would be removed, and why", "apus gc --dry-run", "apus gc",
        "# also below the state roots of other users of this runtime", "apus gc --all-roots",
      ],
      options: [
        .flag(.dryRun, "change nothing, show what would be removed"),
        .flag(.allRoots, "look below every state root that is known on this host"), .checkFormat,
      ])
  }

  static var doctor: CommandSpec {
    CommandSpec(
      name: .doctor, operands: "", operandCount: 0...0,
      summary: "find what this host lacks, and what mends it",
      purpose: """
        Tries what apus needs of the kernel, of cgroups, systemd, user ids, security modules, the state root and \
        engines, in processes and namespaces that are gone afterwards. ✓ is there, ! is missing and not needed, \
        ✗ is missing and needed; below each stands what mends it. With --for, what that use needs counts as \
        needed. The exit status is 1 if something needed is missing.
        """,
      examples: [
        "apus doctor", "# can this user run containers without root?", "apus doctor --for rootless",
        "apus doctor --format json | jq -r '.rows[] | select(.verdict == \"bad\").remedy'",
      ],
      options: [
        .value(
          .for, .choice("rootless|kubernetes|docker|podman"), "USE",
          "what the host is for: rootless, kubernetes, docker or podman"), .checkFormat,
      ])
  }
}

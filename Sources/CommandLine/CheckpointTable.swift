// The table, part: `checkpoint` and `restore`.

extension OptionSpec {
  /// What `checkpoint` and `restore` share.
  fileprivate static var imageOptions: [OptionSpec] {
    [
      .value(
        .imagePath, .directory, "DIR",
        "directory of the images (default: ./checkpoint)"),
      .value(
        .workPath, .directory, "DIR", "directory of the log (default: the images')"),
      .flag(OptionKey("tcp-established"), "include open TCP connections"),
      .flag(OptionKey("tcp-close"), "restore TCP connections as closed"),
      .flag(OptionKey("ext-unix-sk"), "allow unix sockets that lead outside"),
      .flag(OptionKey("shell-job"), "allow a terminal of the caller"),
      .flag(OptionKey("file-locks"), "include file locks"),
      .value(
        .networkLock, .choice("iptables|nftables|skip"), "METHOD",
        "how to hold back packets"),
      .value(
        .manageCgroupsMode, .choice("soft|full|strict|ignore"), "MODE",
        "whose the cgroups are: ignore leaves them to apus (default), soft, full and strict to criu"
      ),
      .value(
        OptionKey("empty-ns"), .text, "NAMESPACE", repeats: true, ignored: true,
        "ignored: the network namespace is always restored empty"),
      .flag(OptionKey("auto-dedup"), "drop duplicate pages of the parent images"),
      .flag(OptionKey("lazy-pages"), "fetch memory on demand"),
    ]
  }
}

extension CommandSpec {
  static var checkpoint: CommandSpec {
    CommandSpec(
      name: .checkpoint, operands: "ID", operandCount: 1...1,
      summary: "save a running container to disk",
      purpose: """
        Saves the processes of a running or paused container into --image-path with criu, and removes \
        the container unless --leave-running is given. If that fails, the container runs on; the error \
        is what criu gives as the cause, with the path of its log.
        """,
      examples: [
        "# save and remove the container web",
        "apus checkpoint --image-path /var/lib/web.img web",
        "# ask beforehand whether that will work", "apus checkpoint --check web",
      ],
      options: OptionSpec.imageOptions + [
        .flag(.check, "dump nothing: say what criu cannot dump, and why"),
        .value(.parentPath, .text, "PATH", "images of a pre-dump, relative to --image-path"),
        .flag(.preDump, "save memory only and leave the container running"),
        .flag(OptionKey("leave-running"), "leave the container running"),
        .flag(OptionKey("tcp-skip-in-flight"), "skip TCP connections that are being opened"),
        .flag(OptionKey("link-remap"), "allow files that were removed while open"),
        .value(.statusFd, .number(maximum: 1 << 20), "N", "descriptor to report readiness on"),
        .value(.pageServer, .text, "ADDRESS:PORT", "send pages to this server"),
      ])
  }

  static var restore: CommandSpec {
    CommandSpec(
      name: .restore, operands: "ID", operandCount: 1...1,
      summary: "restore a container from disk",
      purpose: """
        Restores a container that `checkpoint` saved, from the same configuration: namespaces, files and \
        processes come from the images, the cgroup and its limits from config.json. Before the processes \
        run, what is in force is compared with config.json, and mended or refused.
        """,
      examples: [
        "# in the foreground, like run",
        "apus restore --bundle . --image-path /var/lib/web.img web",
      ],
      options: OptionSpec.imageOptions + [
        .bundle, .consoleSocket, .pidFile, .noPivot, .noNewKeyring, .preserveFds,
        .flag(.detach, short: "d", "return once the container runs"),
        .flag(.noSubreaper, "do not adopt the orphans of the container"),
        .value(
          .parentPath, .text, "PATH", ignored: true, "ignored: the images know where it is"),
        .value(.lsmProfile, .text, "TYPE:LABEL", "security profile of the processes"),
        .value(.lsmMountContext, .text, "CONTEXT", "security context of the mounts"),
      ])
  }
}

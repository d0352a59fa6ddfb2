// The table, part: commands of later versions, parsed so that a probe for them gets its answer.

extension OptionSpec {
  /// What `checkpoint` and `restore` share.
  fileprivate static var imageOptions: [OptionSpec] {
    [
      .value(
        OptionKey("image-path"), .directory, "DIR",
        "directory of the images (default: ./checkpoint)"),
      .value(
        OptionKey("work-path"), .directory, "DIR", "directory of the log (default: the images')"),
      .flag(OptionKey("tcp-established"), "include open TCP connections"),
      .flag(OptionKey("tcp-close"), "restore TCP connections as closed"),
      .flag(OptionKey("ext-unix-sk"), "allow unix sockets that lead outside"),
      .flag(OptionKey("shell-job"), "allow a terminal of the caller"),
      .flag(OptionKey("file-locks"), "include file locks"),
      .value(
        OptionKey("network-lock"), .choice("iptables|nftables|skip"), "METHOD",
        "how to hold back packets"),
      .value(
        OptionKey("manage-cgroups-mode"), .choice("soft|full|strict|ignore"), "MODE",
        "what to do on cgroups"),
      .value(OptionKey("empty-ns"), .text, "NAMESPACE", repeats: true, "keep this namespace empty"),
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
      purpose: "Saves the processes of a running container to disk and ends them.",
      options: OptionSpec.imageOptions + [
        .value(OptionKey("parent-path"), .text, "PATH", "images of a pre-dump, below --image-path"),
        .flag(OptionKey("pre-dump"), "save memory only and leave the container running"),
        .flag(OptionKey("leave-running"), "leave the container running"),
        .flag(OptionKey("tcp-skip-in-flight"), "skip TCP connections that are being opened"),
        .flag(OptionKey("link-remap"), "allow files that were removed while open"),
        .value(
          OptionKey("status-fd"), .number(maximum: 1 << 20), "N",
          "descriptor to report readiness on"),
        .value(OptionKey("page-server"), .text, "ADDRESS:PORT", "send pages to this server"),
      ],
      isAvailable: false)
  }

  static var restore: CommandSpec {
    CommandSpec(
      name: .restore, operands: "ID", operandCount: 1...1,
      summary: "restore a container from disk",
      purpose: "Restores a container that `checkpoint` saved.",
      options: OptionSpec.imageOptions + [
        .bundle, .consoleSocket, .pidFile, .noPivot, .noNewKeyring, .preserveFds,
        .flag(.detach, short: "d", "return once the container runs"),
        .flag(.noSubreaper, ignored: true, "ignored"),
        .value(
          OptionKey("parent-path"), .text, "PATH", ignored: true,
          "ignored, for engines that send it"),
        .value(OptionKey("lsm-profile"), .text, "TYPE:LABEL", "security profile of the processes"),
        .value(OptionKey("lsm-mount-context"), .text, "CONTEXT", "security context of the mounts"),
      ],
      isAvailable: false)
  }
}

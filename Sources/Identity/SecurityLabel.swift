package import Bytes
package import Linux
package import OCISpec

/// A label that a security module gives the program when it is executed.
package enum SecurityLabel: Equatable, Sendable {
  case appArmor(profile: ByteString)
  case seLinux(label: ByteString)

  package static func make(
    _ process: OCISpec.Process, pointer: ByteString
  ) throws(ConfigError) -> [SecurityLabel] {
    var labels = [SecurityLabel]()
    // The kernel takes a page at most, and no line break: what follows one would be lost.
    for (text, member) in [
      (process.apparmorProfile, "/apparmorProfile"), (process.selinuxLabel, "/selinuxLabel"),
    ] as [(ByteString?, ByteString)] {
      guard let text, text.count > 4000 || text.contains(0x0a) else { continue }
      throw ConfigError(pointer + member, "not a label")
    }
    if let profile = process.apparmorProfile, !profile.isEmpty {
      labels.append(.appArmor(profile: profile))
    }
    if let label = process.selinuxLabel, !label.isEmpty { labels.append(.seLinux(label: label)) }
    return labels
  }

  /// Puts the label in force for the next execve(2), through a procfs handle of our own
  /// (CVE-2019-16884 is a label written to a file that was not procfs), then reads it back. Where the
  /// module is absent the kernel refuses, and the error says so (PR-14, PR-15).
  package func apply(procfs: Handle) throws(SyscallError) {
    switch self {
    case .appArmor(let profile):
      do throws(SyscallError) {
        try SecurityLabel.write(
          "exec " + profile, to: "attr/apparmor/exec", expecting: profile, procfs)
      } catch {
        // Kernels before 5.8 have only the file that all modules share.
        guard error.errno == .ENOENT else { throw error }
        try SecurityLabel.write(
          "exec " + profile, to: "attr/exec", expecting: profile, procfs,
          orSay: "AppArmor is not in force on this kernel: write")
      }
    case .seLinux(let label):
      try SecurityLabel.write(
        label, to: "attr/exec", expecting: label, procfs,
        orSay: "SELinux is not in force on this kernel: write")
    }
  }

  /// What a keyring of the program has to be labelled with, or SELinux keeps the program from its keys.
  package var keyringLabel: ByteString? {
    if case .seLinux(let label) = self { label } else { nil }
  }

  /// For the keys that this process makes from here on; an empty label is the kernel's own choice again. Where
  /// SELinux is not in force nothing is done: the step that sets the program's label says so.
  package static func setForKeys(_ label: ByteString, procfs: Handle) throws(SyscallError) {
    let file: ByteString = "attr/keycreate"
    do throws(SyscallError) {
      let target = try OwnProcessFile.open("thread-self/" + file, procfs: procfs, .writeOnly)
      try target.handle.writeOnce(label, subject: file)
    } catch {
      // A kernel without security modules has no such file.
      if error.errno != .ENOENT, answers(procfs) { throw error }
    }
  }

  /// `absence` is what an error says instead of its call where no module answers.
  private static func write(
    _ text: ByteString, to file: ByteString, expecting label: ByteString, _ procfs: Handle,
    orSay absence: ByteString = "write"
  ) throws(SyscallError) {
    let path = "thread-self/" + file
    let target = try OwnProcessFile.open(path, procfs: procfs, .writeOnly)
    do throws(SyscallError) { try target.handle.writeOnce(text, subject: file) } catch {
      throw answers(procfs) ? error : error.during(absence).about(file)
    }
    let source = try OwnProcessFile.open(path, procfs: procfs, .readOnly)
    guard isShown(label, as: ByteString(try source.handle.read(upTo: 8192))) else {
      throw .unmet("the kernel did not set the label: " + quoted(file) + " shows another", file)
    }
  }

  /// Whether a security module says what our own label is.
  private static func answers(_ procfs: Handle) -> Bool {
    do throws(SyscallError) {
      let file = try OwnProcessFile.open("thread-self/attr/current", procfs: procfs, .readOnly)
      return try !file.handle.read(upTo: 8192).isEmpty
    } catch {
      return false
    }
  }

  /// Whether the kernel's text is this label: SELinux ends it with a NUL, AppArmor with its mode in
  /// brackets and a line break.
  package static func isShown(_ label: ByteString, as text: ByteString) -> Bool {
    guard text.hasPrefix(label) else { return false }
    let rest = text.dropFirst(label.count)
    return rest.isEmpty || rest == "\n" || rest.hasPrefix(" (")
  }
}

import Bytes
import Console
import Container
import Linux
import Namespaces

// What the kernel can do, tried in children that are thrown away: a version number says nothing of a sandbox
// around us, nor of what a distribution has switched off.
extension Doctor {
  mutating func askKernel() {
    let isRoot = !context.host.isRootless
    add("clone3 with a pidfd", .all, remedy: "Linux 5.10 or newer") { () throws(SyscallError) in
      _ = try Throwaway.ask { [1] }
    }
    add("openat2", .all, remedy: "Linux 5.10 or newer") { () throws(SyscallError) in
      _ = try Handle.currentDirectory.open(".", .path, resolve: .beneath)
    }
    add("close_range", .all, remedy: "Linux 5.10 or newer") { () throws(SyscallError) in
      try DescriptorRange.close(from: 1_000_000)
    }
    add("faccessat2", .none, remedy: "Linux 5.8 or newer") { () throws(SyscallError) in
      let root = try Handle.currentDirectory.open("/", [.path, .directory])
      try root.handle.checkAccess("", .execute)
    }
    // Without rights of its own a process has them in a user namespace.
    let own: NamespaceFlags = isRoot ? [] : .user
    add("mounts by descriptor", .all, remedy: "Linux 5.10 or newer") { () throws(SyscallError) in
      try child(in: [own, .mount]) { () throws(SyscallError) in
        try Mounting.mount(target: "/", flags: [.private, .recursive])
        let filesystem = try Mounting.openFilesystem("tmpfs")
        try Mounting.create(filesystem.handle)
        let mount = try Mounting.mountFilesystem(filesystem.handle, .noDevices)
        let root = try Handle.currentDirectory.open("/", [.path, .directory])
        try Mounting.move(mount.handle, onto: root.handle)
      }
    }
    askIsolation(own)
  }

  private mutating func askIsolation(_ own: NamespaceFlags) {
    add("mount_setattr", .none, remedy: "Linux 5.12 or newer: recursive options, id-mapped mounts")
    {
      () throws(SyscallError) in
      do throws(SyscallError) { try Mounting.setAttributes(Handle(raw: -1)) } catch {
        if error.errno == .ENOSYS { throw error }
      }
    }
    add("a procfs of its own", .none, remedy: "mount /proc with nothing over it where apus runs") {
      () throws(SyscallError) in
      try child(in: [own, .mount, .pid]) { () throws(SyscallError) in
        _ = try Procfs.openPrivate(onlyProcesses: false)
      }
    }
    for kind in NamespaceKind.allCases where kind != .user {
      let needed: Uses = kind == .time ? .none : .all
      add(kind.name + " namespace", needed, remedy: "a kernel with " + kind.name + " namespaces") {
        () throws(SyscallError) in try child(in: [own, kind.flag]) { () throws(SyscallError) in }
      }
    }
    add("overlay for the protected binary", .none, remedy: "modprobe overlay") {
      () throws(SyscallError) in
      try child(in: [own, .mount]) { () throws(SyscallError) in
        _ = try Mounting.openFilesystem("overlay")
      }
    }
    add("sealed memory files", .all, remedy: "Linux 5.10 or newer") { () throws(SyscallError) in
      let file = try MemoryFile.create("apus-doctor", executable: true)
      try MemoryFile.seal(file.handle)
    }
    add(
      "seccomp filters", [.kubernetes, .docker, .podman],
      remedy: "a kernel with CONFIG_SECCOMP_FILTER"
    ) {
      () throws(SyscallError) in
      try child(in: []) { () throws(SyscallError) in
        try ThisProcess.setNoNewPrivileges()
        // One instruction: allow.
        try SeccompFilter(program: [6, 0, 0, 0, 0, 0, 0xff, 0x7f], flags: 0).load()
      }
    }
    // Others use the devpts of the container.
    if own.isEmpty {
      add("terminals", .all, remedy: "mount -t devpts devpts /dev/pts") { () throws(SyscallError) in
        _ = try Pty.open()
      }
    }
    add("session keyrings", .none, remedy: "a kernel with CONFIG_KEYS") { () throws(SyscallError) in
      try child(in: []) { () throws(SyscallError) in
        _ = try Keyring.joinSession("apus-doctor")
      }
    }
  }

  /// What a user without any rights can do: as the one who calls, or as nobody.
  mutating func askUserNamespaces() {
    let isRoot = Credentials.effectiveUserID == 0
    let remedy: ByteString =
      HostLook.text("/proc/sys/user/max_user_namespaces").hasPrefix("0\n")
      ? "sysctl -w user.max_user_namespaces=15000"
      : HostLook.text("/proc/sys/kernel/unprivileged_userns_clone").hasPrefix("0")
        ? "sysctl -w kernel.unprivileged_userns_clone=1"
        : HostLook.text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").hasPrefix("1")
          ? "install packaging/apparmor as /etc/apparmor.d/apus and run apparmor_parser -r on it"
          : "see user_namespaces(7)"
    add("user namespaces without privileges", .rootless, remedy: remedy) {
      () throws(SyscallError) in
      try child(in: []) { () throws(SyscallError) in
        if isRoot {
          try Credentials.setGroup(65534)
          try Credentials.setUser(65534)
        }
        try ThisProcess.unshare(.user)
        // AppArmor lets the namespace be made, and takes the rights in it away.
        try ThisProcess.unshare(.mount)
        try Mounting.mount(target: "/", flags: [.private, .recursive])
      }
    }
  }
}

/// In a child in new namespaces; its error is ours.
private func child(
  in namespaces: NamespaceFlags, _ body: () throws(SyscallError) -> Void
) throws(SyscallError) {
  let answer = try Throwaway.ask(new: namespaces, milliseconds: 5000) {
    do throws(SyscallError) {
      try body()
      return [1]
    } catch {
      return [0] + error.message.bytes
    }
  }
  if answer.first == 1 { return }
  throw .unmet(answer.isEmpty ? "it ended without an answer" : ByteString(answer.dropFirst()))
}

import Bytes
import Linux
import Namespaces
import Plan
import Rootfs

/// What a process sees that has entered the container's namespaces: not its pid namespace, so that nothing in
/// there sees this process. It looks through descriptors that cannot leave the container's root, opens
/// nothing that could block it but as a path, and has a timeout: the tree is an attacker's.
struct InsideView {
  private var answers: [(key: ByteString, value: ByteString)] = []
  /// The mounts of the container's mount namespace.
  private(set) var mounts: [MountInfo] = []

  /// nil where there is no answer: nothing is there, or it could not be looked at.
  subscript(key: ByteString) -> ByteString? { answers.first { $0.key == key }?.value }

  /// Why there is no answer; nil if nothing is there.
  func error(_ key: ByteString) -> ByteString? { self["!" + key] ?? self["!"] }

  /// A file as it was found there.
  struct Place {
    let mountID: UInt64
    let device: ByteString
    let inode: ByteString
    let kind: ByteString
    let special: ByteString
    let mode: ByteString
    let owner: ByteString
    /// `rw`, `ro` for what faccessat2(2) answers to a writer, else its error.
    let access: ByteString
    /// How many entries a directory has, up to 1.
    let isEmpty: Bool

    init?(_ text: ByteString?) {
      guard let words = text?.split(on: 0x20), words.count == 9,
        let mount = words[0].unsignedDecimal
      else { return nil }
      mountID = mount
      (device, inode, kind, special) = (words[1], words[2], words[3], words[4])
      (mode, owner, access, isEmpty) = (words[5], words[6], words[7], words[8] == "0")
    }
  }

  func place(_ key: ByteString) -> Place? { Place(self[key]) }

  static func look(_ subject: Subject) -> InsideView {
    var view = InsideView()
    do throws(SyscallError) {
      let texts = try ask(subject).split(separator: 0, omittingEmptySubsequences: false)
      for index in stride(from: 0, to: texts.count - 1, by: 2) {
        view.answers.append((ByteString(texts[index]), ByteString(texts[index + 1])))
      }
      if let text = view["mountinfo"] { view.mounts = MountInfo.parse(text.bytes) }
    } catch {
      view.answers.append(("!", error.message))
    }
    return view
  }

  private static func ask(_ subject: Subject) throws(SyscallError) -> [UInt8] {
    let kinds = NamespaceKind.allCases.filter { $0 != .pid && $0 != .time && $0 != .cgroup }
    let namespaces = try OpenedNamespace.all(of: subject.process, kinds, recorded: []).opened
    let procfs = SharedDescriptor(try Procfs.openHost())
    let root = SharedDescriptor(
      try procfs.handle.open(
        ByteString(decimal: subject.process.pid) + "/root", [.path, .directory]))
    try subject.process.send(Signal(rawValue: 0))
    return try Throwaway.ask {
      do throws(SyscallError) {
        return try Lookout(namespaces, procfs: procfs, root: root).look(subject)
      } catch {
        return [0x21, 0] + error.message.bytes + [0]
      }
    }
  }
}

/// The process inside.
private struct Lookout {
  private let resolver: InRootResolver
  private let procfs: SharedDescriptor
  private let root: SharedDescriptor

  init(
    _ namespaces: [OpenedNamespace], procfs: SharedDescriptor, root: SharedDescriptor
  ) throws(SyscallError) {
    if namespaces.contains(where: { $0.kind == .user }) {
      try OpenedNamespace.joinWithUserNamespace(namespaces)
      try Credentials.setGroup(0)
      try Credentials.setUser(0)
      // A change of user has undone both.
      try ThisProcess.setDumpable(false)
      try ThisProcess.setParentDeathSignal(.kill)
    } else {
      for namespace in namespaces { try namespace.join() }
    }
    self.procfs = procfs
    // Whoever joins a mount namespace gets its root, which a chroot(2) of init's does not change.
    self.root =
      namespaces.contains { $0.kind == .mount }
      ? SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory])) : root
    resolver = InRootResolver(root: self.root.handle)
  }

  func look(_ subject: Subject) -> [UInt8] {
    var text = [UInt8]()
    func answer(_ key: ByteString, _ body: () throws(SyscallError) -> ByteString?) {
      do throws(SyscallError) {
        if let value = try body() { text += key.bytes + [0] + value.bytes + [0] }
      } catch {
        text += [0x21] + key.bytes + [0] + error.message.bytes + [0]
      }
    }
    answer("mountinfo") { () throws(SyscallError) in
      ByteString(try read(ByteString(decimal: ThisProcess.id) + "/mountinfo"))
    }
    for name in ["hostname", "domainname"] as [ByteString] {
      answer(name) { () throws(SyscallError) in try sysctl("kernel/" + name) }
    }
    for sysctl in subject.plan.namespaces.sysctls {
      answer("s" + sysctl.components.joined(by: ".")) { () throws(SyscallError) in
        try self.sysctl(sysctl.path)
      }
    }
    let rootfs = subject.plan.rootfs
    let paths: [ByteString] =
      ["/", "/dev/console"] + rootfs.mounts.map { $0.destination }
      + rootfs.devices.map { $0.path } + rootfs.readonlyPaths.map { $0.path }
    for path in paths { answer("p" + path) { () throws(SyscallError) in try place(path) } }
    for masked in rootfs.maskedPaths {
      answer("k" + masked.path) { () throws(SyscallError) in
        try place(masked.path, lists: true)
      }
    }
    return text
  }

  private func read(_ path: ByteString) throws(SyscallError) -> [UInt8] {
    let file = try Procfs.open(procfs.handle, path, [.readOnly, .nonBlocking])
    return try file.handle.readKernelFile()
  }

  private func sysctl(_ path: ByteString) throws(SyscallError) -> ByteString {
    ByteString(try read("sys/" + path)).split(on: 0x0a)[0]
  }

  /// nil where nothing is.
  private func place(_ path: ByteString, lists: Bool = false) throws(SyscallError) -> ByteString? {
    guard let file = try resolver.openIfPresent(path) else { return nil }
    let status = try file.handle.status()
    var access: ByteString = "rw"
    do throws(SyscallError) { try file.handle.checkAccess("", .write) } catch {
      access = error.errno == .EROFS ? "ro" : error.errno.symbol
    }
    var isEmpty = false
    if lists, status.kind == .directory {
      let listing = try resolver.open(path, [.readOnly, .directory, .nonBlocking])
      isEmpty = try listing.handle.entries().isEmpty
    }
    let device = status.device
    let special = status.special
    return [
      ByteString(decimal: status.mountID),
      ByteString(decimal: device.major) + ":" + ByteString(decimal: device.minor),
      ByteString(decimal: status.inode), InsideView.name(status.kind),
      ByteString(decimal: special.major) + ":" + ByteString(decimal: special.minor),
      ByteString(octal: status.permissions),
      ByteString(decimal: status.userID) + ":" + ByteString(decimal: status.groupID), access,
      isEmpty ? "0" : "1",
    ].joined(by: " ")
  }
}

extension InsideView {
  /// A word without blanks.
  static func name(_ kind: FileStatus.Kind) -> ByteString {
    switch kind {
    case .regular: "file"
    case .directory: "directory"
    case .symlink: "link"
    case .character: "character-device"
    case .block: "block-device"
    case .fifo: "fifo"
    case .socket: "socket"
    case .other: "other"
    }
  }
}

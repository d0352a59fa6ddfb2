import Bytes
import Linux
import Namespaces
import Rootfs

/// The child's side of `MountStage`: one thread, no way back.
final class MountServer {
  // The words of the parent, and of the child.
  static let mount: UInt8 = 1
  static let find: UInt8 = 2
  static let unmount: UInt8 = 3
  static let undo: UInt8 = 4
  static let proceed: UInt8 = 6
  static let failed: UInt8 = 7
  /// A word and a path.
  static let limit = 8192
  static let entrance: ByteString = "join the container"

  private let rootfs: RootfsContext
  private let channel: SharedDescriptor
  /// What was attached, in this order.
  private var attached: [SharedDescriptor] = []
  /// What is going to be removed.
  private var found: [SharedDescriptor] = []

  init(_ rootfs: RootfsContext, _ channel: SharedDescriptor) {
    self.rootfs = rootfs
    self.channel = channel
  }

  func run(_ namespaces: [OpenedNamespace]) -> Never {
    do throws(SyscallError) { try enter(namespaces) } catch {
      fail(StepFailure(step: MountServer.entrance, error))
    }
    answer()
    while true {
      let words: [UInt8]
      // Nothing more comes from a parent that is gone.
      do throws(SyscallError) {
        words = try Socket.receive(channel.handle, limit: MountServer.limit)
      } catch {
        words = []
      }
      switch words.first {
      case MountServer.mount: mount(Int(decoded(words[1...])))
      case MountServer.find:
        let start = 2 + Int(words[1])
        find(ByteString(words[start...]), words[2..<start])
      case MountServer.unmount: unmount()
      case MountServer.proceed: ThisProcess.exit(0)
      case nil where attached.count == rootfs.mounts.count: ThisProcess.exit(0)
      default:
        takeBack()
        ThisProcess.exit(0)
      }
    }
  }

  private func enter(_ namespaces: [OpenedNamespace]) throws(SyscallError) {
    // An unprivileged caller is still dumpable, and its user is root in the container.
    try ThisProcess.setDumpable(false)
    if let user = namespaces.first(where: { $0.kind == .user }) {
      if rootfs.hasPostponed {
        try user.join()
        try ThisProcess.unshare(.mount)
        try rootfs.pinPostponed()
        for namespace in namespaces where namespace.kind != .user { try namespace.join() }
      } else {
        try OpenedNamespace.joinWithUserNamespace(namespaces)
      }
      // What is made belongs to the container's root.
      try Credentials.setGroup(0)
      try Credentials.setUser(0)
      try ThisProcess.setDumpable(false)
    } else {
      for namespace in namespaces { try namespace.join() }
    }
    try rootfs.openLiveRoot()
    rootfs.beforeAttach = { (mount, target) throws(SyscallError) in
      try self.announce(mount, target)
    }
  }

  private func mount(_ index: Int) {
    let plan = rootfs.mounts[index]
    do throws(SyscallError) { try rootfs.mount(plan) } catch {
      fail(StepFailure(step: plan.title, pointer: plan.pointer, error))
    }
    answer()
  }

  /// The parent records the id: whatever becomes of either of us, it is known what was mounted.
  private func announce(_ mount: Handle, _ target: Handle) throws(SyscallError) {
    if try rootfs.isRoot(target) {
      throw .violation("refused because the destination leads to the root itself")
    }
    let id = try mount.mountID()
    answer(encoded(id.unique) + encoded(id.number))
    let word = try Socket.receive(channel.handle, limit: MountServer.limit)
    guard word == [MountServer.proceed] else { throw .unmet("the runtime is gone") }
    attached.append(SharedDescriptor(try mount.duplicated()))
  }

  private func find(_ path: ByteString, _ wanted: ArraySlice<UInt8>) {
    do throws(SyscallError) {
      let file = try rootfs.findLive(path)
      guard try file.handle.isMountRoot(), try !rootfs.isRoot(file.handle) else {
        return answer()
      }
      let id = try file.handle.mountID()
      let bytes = encoded(id.unique) + encoded(id.number)
      if !wanted.isEmpty, bytes != Array(wanted) { return answer() }
      found.append(file)
      answer(bytes)
    } catch {
      switch error.errno {
      // The container changes its path.
      case .ENOENT, .ENOTDIR, .ELOOP, .EAGAIN, .EXDEV: return answer()
      default: break
      }
      fail(StepFailure(step: "find the mount on " + quoted(path), error))
    }
  }

  /// To the end, also if the parent is killed meanwhile.
  private func unmount() {
    do throws(SyscallError) {
      for mount in found.reversed() { try remove(mount.handle) }
    } catch {
      fail(StepFailure(step: "unmount", error))
    }
    answer()
  }

  private func takeBack() {
    for mount in attached.reversed() {
      // The next one all the same; the parent looks whether any is left.
      do throws(SyscallError) { try remove(mount.handle) } catch {}
    }
  }

  private func remove(_ mount: Handle) throws(SyscallError) {
    do throws(SyscallError) { try rootfs.unmountLive(mount) } catch {
      // It is not mounted any more: the container has removed it, or it lay on one that we removed.
      if error.errno != .EINVAL { throw error }
    }
  }

  private func answer(_ bytes: [UInt8] = []) {
    // A parent that is gone is noticed by the next receive.
    do throws(SyscallError) {
      try Socket.send(channel.handle, [MountServer.proceed] + bytes)
    } catch {}
  }

  private func fail(_ failure: StepFailure) -> Never {
    takeBack()
    do throws(SyscallError) {
      try Socket.send(channel.handle, [MountServer.failed] + failure.record)
    } catch {}
    ThisProcess.exit(1)
  }
}

package import Bytes
package import Linux
package import OCISpec

/// A namespace that is about to be joined: opened and looked at.
package struct OpenedNamespace: Sendable {
  package let kind: NamespaceKind
  fileprivate let descriptor: SharedDescriptor
  package var shared: SharedDescriptor { descriptor }
  package var handle: Handle { descriptor.handle }

  /// Puts this process, or for `pid` and `time` its later children, into the namespace (setns(2)).
  package func join() throws(SyscallError) {
    do throws(SyscallError) { try ThisProcess.join(handle, kind.flag) } catch {
      throw error.about(kind.name)
    }
  }

  /// Enters all of `namespaces`, a user namespace among them: first with the rights that we have
  /// outside, then what was refused with those that it gives (NS-7).
  package static func joinWithUserNamespace(_ namespaces: [OpenedNamespace])
    throws(SyscallError)
  {
    var refused = [OpenedNamespace]()
    for namespace in namespaces where namespace.kind != .user {
      do throws(SyscallError) { try namespace.join() } catch {
        if error.errno != .EPERM { throw error }
        refused.append(namespace)
      }
    }
    for namespace in namespaces where namespace.kind == .user { try namespace.join() }
    for namespace in refused { try namespace.join() }
  }
}

extension OpenedNamespace {
  /// The namespaces of a process, without those that are ours already: joining them would need
  /// rights for nothing.
  ///
  /// `mayRejoin`: we have these rights, and joining what is ours changes nothing. Then only a user namespace
  /// is compared with ours, of which the kernel refuses it.
  ///
  /// `recorded` says by kind which ones it had when it was started; `strayed` is a kind that is another
  /// one now. A kind of which nothing was recorded can be any.
  package static func all(
    of process: ProcessHandle, _ kinds: [NamespaceKind], recorded: [Entry<ByteString>],
    mayRejoin: Bool = false
  ) throws(SyscallError) -> (opened: [OpenedNamespace], strayed: NamespaceKind?) {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(
        "/proc/" + ByteString(decimal: process.pid) + "/ns", [.path, .directory]))
    var opened = [OpenedNamespace]()
    for kind in NamespaceKind.allCases {
      let wanted = recorded.first { $0.key == kind.name }?.value
      if wanted == nil && !kinds.contains(kind) { continue }
      let file = SharedDescriptor(try directory.handle.open(kind.file, .readOnly))
      let status = try file.handle.status()
      if let wanted, NamespaceIdentity(status).text != wanted { return ([], kind) }
      if !kinds.contains(kind) { continue }
      if !mayRejoin || kind == .user {
        let ours = try Handle.currentDirectory.status(
          behindEntry: "/proc/self/ns/" + kind.file)
        if status.isSameFile(as: ours) { continue }
      }
      opened.append(OpenedNamespace(kind: kind, descriptor: file))
    }
    // The number may have changed hands while we looked: the process itself cannot have.
    try process.send(Signal(rawValue: 0))
    return (opened, nil)
  }
}

extension NamespacePlan.Join {
  /// Opens the namespace: on the host and before the first is joined, because a path means something
  /// else afterwards (NS-3, NS-4).
  package func open() throws(ConfigError) -> OpenedNamespace {
    let opened: OpenedNamespace
    do throws(SyscallError) {
      // Without blocking: the path may be a fifo.
      let file = try Handle.currentDirectory.open(
        path, [.readOnly, .nonBlocking, .noControllingTerminal])
      opened = OpenedNamespace(kind: kind, descriptor: SharedDescriptor(file))
    } catch {
      throw ConfigError(pointer, error.message)
    }
    try check(opened.handle)
    return opened
  }

  fileprivate func check(_ namespace: Handle) throws(ConfigError) {
    let isOfKind: Bool
    var isForeign = true
    do throws(SyscallError) {
      isOfKind = try namespace.namespaceKind() == kind.flag
      if foreignFor != nil {
        let own = try Handle.currentDirectory.open("/proc/self/ns/" + kind.file, .readOnly)
        isForeign = try !namespace.status().isSameFile(as: own.handle.status())
      }
    } catch {
      throw ConfigError(pointer, error.message)
    }
    guard isOfKind else {
      throw ConfigError(pointer, quoted(path) + " is not " + kind.title + " namespace")
    }
    guard isForeign else {
      throw ConfigError(
        foreignFor ?? pointer, "the " + kind.name + " namespace is the runtime's own")
    }
  }
}

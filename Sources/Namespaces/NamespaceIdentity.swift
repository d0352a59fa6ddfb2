package import Bytes
package import Linux

/// Which namespace a file of nsfs is: two files of one namespace have the same text. A record of a
/// container keeps it for each kind, under the kind's name.
package struct NamespaceIdentity: Equatable, Sendable {
  package let text: ByteString

  package init(_ status: FileStatus) {
    text =
      ByteString(decimal: status.device.major) + ":" + ByteString(decimal: status.device.minor)
      + ":" + ByteString(decimal: status.inode)
  }

  /// Those that a process is in, of these kinds.
  package static func all(of process: ProcessHandle, _ kinds: [NamespaceKind])
    throws(SyscallError) -> [(kind: NamespaceKind, identity: NamespaceIdentity)]
  {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(
        "/proc/" + ByteString(decimal: process.pid) + "/ns", [.path, .directory]))
    var all: [(kind: NamespaceKind, identity: NamespaceIdentity)] = []
    for kind in kinds {
      // The entry is a link of the kernel's to the namespace itself.
      all.append((kind, NamespaceIdentity(try directory.handle.status(behindEntry: kind.file))))
    }
    return all
  }
}

extension NamespacePlan {
  /// The kinds by which a process of the container is told from one that went elsewhere: those that it
  /// has of its own, and the user namespace. Without rights nobody gets into another namespace of any
  /// kind but by way of a new user namespace.
  package var identifying: [NamespaceKind] {
    NamespaceKind.allCases.filter { $0 == .user || has($0) }
  }
}

package import Bytes
package import JSON

/// The State document (runtime-spec, runtime.md, "State"): what `state` prints and hooks read.
package struct State: Equatable, Sendable {
  package var id: ByteString
  package var status: Status
  /// Absent once the process is gone.
  package var pid: Int32?
  /// Absolute.
  package var bundle: ByteString
  package var annotations: [Entry<ByteString>]
  package var extras: Extras?

  package init(
    id: ByteString,
    status: Status,
    pid: Int32? = nil,
    bundle: ByteString,
    annotations: [Entry<ByteString>] = [],
    extras: Extras? = nil
  ) {
    self.id = id
    self.status = status
    self.pid = pid
    self.bundle = bundle
    self.annotations = annotations
    self.extras = extras
  }
}

extension State {
  package enum Status: Equatable, Sendable, CaseIterable {
    case creating, created, running, paused, stopped
    /// Its record cannot be read: only `list` says so.
    case unknown
  }

  /// Members beyond the specification that engines read from `state` and `list`; hooks do not get
  /// them (ST-7).
  package struct Extras: Equatable, Sendable {
    /// Absolute.
    package var rootfs: ByteString
    /// RFC 3339, UTC: engines decode the whole document with it or not at all. Empty where it is not
    /// known.
    package var created: ByteString
    package var owner: ByteString
    /// How the kernel killed in it for memory; nil if it did not.
    package var outOfMemory: ByteString?
    /// How it ended, of a stopped one; for people and programs that know apus.
    package var end: JSONValue?
    /// What was mounted after `create`; nil if nothing was.
    package var mounts: JSONValue?

    package init(
      rootfs: ByteString, created: ByteString, owner: ByteString = "",
      outOfMemory: ByteString? = nil
    ) {
      self.rootfs = rootfs
      self.created = created
      self.owner = owner
      self.outOfMemory = outOfMemory
    }
  }
}

/// What the agent at `linux.seccomp.listenerPath` receives beside the descriptors (runtime-spec,
/// config-linux.md, "The Container Process State").
package struct ContainerProcessState: Equatable, Sendable {
  /// The names of the descriptors, in the order they are sent in.
  package var fds: [ByteString]
  /// The process that the filter is of, as the runtime sees it.
  package var pid: Int32
  package var metadata: ByteString?
  package var state: State

  package init(
    fds: [ByteString] = ["seccompFd"],
    pid: Int32,
    metadata: ByteString? = nil,
    state: State
  ) {
    self.fds = fds
    self.pid = pid
    self.metadata = metadata
    self.state = state
  }
}

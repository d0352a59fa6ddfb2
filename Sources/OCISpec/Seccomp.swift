package import Bytes

/// The `linux.seccomp` object (runtime-spec, config-linux.md, "Seccomp").
package struct SeccompSection: Equatable, Sendable {
  package var defaultAction: ByteString
  package var defaultErrnoRet: UInt32?
  package var architectures: [ByteString]
  /// Absent and empty differ (SE-4).
  package var flags: [ByteString]?
  package var listenerPath: ByteString?
  package var listenerMetadata: ByteString?
  package var syscalls: [SyscallRule]

  package init(
    defaultAction: ByteString,
    defaultErrnoRet: UInt32? = nil,
    architectures: [ByteString] = [],
    flags: [ByteString]? = nil,
    listenerPath: ByteString? = nil,
    listenerMetadata: ByteString? = nil,
    syscalls: [SyscallRule] = []
  ) {
    self.defaultAction = defaultAction
    self.defaultErrnoRet = defaultErrnoRet
    self.architectures = architectures
    self.flags = flags
    self.listenerPath = listenerPath
    self.listenerMetadata = listenerMetadata
    self.syscalls = syscalls
  }
}

extension SeccompSection {
  package struct SyscallRule: Equatable, Sendable {
    package var names: [ByteString]
    package var action: ByteString
    package var errnoRet: UInt32?
    package var args: [Argument]

    package init(
      names: [ByteString],
      action: ByteString,
      errnoRet: UInt32? = nil,
      args: [Argument] = []
    ) {
      self.names = names
      self.action = action
      self.errnoRet = errnoRet
      self.args = args
    }
  }

  package struct Argument: Equatable, Sendable {
    package var index: UInt32
    package var value: UInt64
    package var valueTwo: UInt64
    package var op: ByteString

    package init(index: UInt32, value: UInt64, valueTwo: UInt64 = 0, op: ByteString) {
      self.index = index
      self.value = value
      self.valueTwo = valueTwo
      self.op = op
    }
  }
}

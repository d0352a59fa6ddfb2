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
  /// What became of the section when it was read before: then nothing else of it is here.
  package var known: KnownFilter?

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

/// A compiled filter, and what the section that it was made of says beside it.
package struct KnownFilter: Equatable, Sendable {
  package var defaultAction: UInt32
  /// For seccomp(2).
  package var flags: UInt32
  /// `struct sock_filter`s.
  package var program: [UInt8]
  /// Names of calls that the compiler did not know; first those that rules restrict.
  package var unknownNames: [ByteString]
  package var restrictedCount: Int

  package init(
    defaultAction: UInt32, flags: UInt32, program: [UInt8], unknownNames: [ByteString],
    restrictedCount: Int
  ) {
    self.defaultAction = defaultAction
    self.flags = flags
    self.program = program
    self.unknownNames = unknownNames
    self.restrictedCount = restrictedCount
  }
}

extension SeccompSection {
  package init(known: KnownFilter) {
    self.init(defaultAction: "")
    self.known = known
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

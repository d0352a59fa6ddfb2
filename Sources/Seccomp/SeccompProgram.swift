package import Bytes

/// A compiled filter: instructions as the kernel takes them, and how to load them.
package struct SeccompProgram: Equatable, Sendable {
  /// `struct sock_filter`s in the machine's byte order, eight bytes each.
  package var bytes: [UInt8]
  /// For seccomp(2).
  package var flags: UInt32
  /// Whether loading gives a descriptor that somebody must listen on.
  package var usesListener: Bool
  /// Names in the profile that libseccomp does not know, to be warned of (SE-8). Leaving them out
  /// never let a call through that the profile stops.
  package var unknownNames: [ByteString]

  init(bytes: [UInt8], unknownNames: [ByteString], plan: SeccompPlan) {
    self.bytes = bytes
    self.unknownNames = unknownNames
    usesListener = plan.usesNotify
    flags = plan.flags | (plan.usesNotify ? Flag.newListener : 0)
  }

  /// BPF_MAXINSNS of the kernel.
  static var maximumInstructions: Int { 4096 }
}

import Bytes
import CShim

/// A borrowed descriptor: the argument type of every call. Its owner keeps it open.
@usableFromInline
package struct Handle: Equatable, Sendable {
  package let raw: Int32
  package init(raw: Int32) { self.raw = raw }

  /// The current directory, for the `*at` calls.
  package static let currentDirectory = Handle(raw: APUS_AT_FDCWD)
  package static let standardInput = Handle(raw: 0)
  package static let standardOutput = Handle(raw: 1)
  package static let standardError = Handle(raw: 2)

  /// Whether the number names an open file now (fcntl(2), F_GETFD).
  package var isOpen: Bool { apus_is_open(raw) == 1 }

  /// A second descriptor of the same open file, at `least` or above.
  @inline(never)
  package func duplicated(atLeast least: Int32 = 3) throws(SyscallError) -> FileDescriptor {
    try FileDescriptor(
      owning: Int32(check(apus_dup_above(raw, least), "dup", ByteString(decimal: raw))))
  }

  /// Makes the number `number` mean this open file, for the program that is executed next.
  @inline(never)
  package func duplicate(onto number: Int32) throws(SyscallError) {
    if number == raw {
      try keepOnExec()
    } else {
      try checkRetrying("dup3", ByteString(decimal: number)) { apus_dup3(raw, number, 0) }
    }
  }

  /// Makes the number `number` mean this open file, until a program is executed.
  @inline(never)
  package func occupy(_ number: Int32) throws(SyscallError) {
    try checkRetrying("dup3", ByteString(decimal: number)) {
      apus_dup3(raw, number, UInt32(APUS_O_CLOEXEC))
    }
  }

  /// Clears close-on-exec (fcntl(2), F_SETFD).
  @inline(never)
  package func keepOnExec() throws(SyscallError) {
    try check(apus_set_close_on_exec(raw, 0), "fcntl", ByteString(decimal: raw))
  }

  /// Sets close-on-exec (fcntl(2), F_SETFD).
  @inline(never)
  package func closeOnExec() throws(SyscallError) {
    try check(apus_set_close_on_exec(raw, 1), "fcntl", ByteString(decimal: raw))
  }
}

/// An owned descriptor, closed exactly once.
@frozen
@usableFromInline
package struct FileDescriptor: ~Copyable, Sendable {
  package let handle: Handle

  /// Takes ownership of `raw`, which has no other owner.
  package init(owning raw: Int32) { handle = Handle(raw: raw) }

  deinit { _ = apus_close(handle.raw) }

  package consuming func close() {}

  /// Gives up ownership: the caller closes the descriptor, or leaves that to execve and exit.
  package consuming func release() -> Int32 {
    let raw = handle.raw
    discard self
    return raw
  }
}

/// A descriptor with several owners, or one that lives in an array; the last owner closes it.
package final class SharedDescriptor: Sendable {
  private let descriptor: FileDescriptor
  package var handle: Handle { descriptor.handle }
  package init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// Closes the number now, in a process that never comes back to its owners: a child after clone.
  @inline(never)
  package func closeInChild() { _ = apus_close(descriptor.handle.raw) }
}

/// Marks every descriptor from `first` on close-on-exec, or closes it (close_range(2)).
package enum DescriptorRange {
  @inline(never)
  package static func closeOnExec(from first: UInt32) throws(SyscallError) {
    let answer = apus_close_range(first, UInt32.max, UInt32(APUS_CLOSE_RANGE_CLOEXEC))
    if answer >= 0 { return }
    // Linux 5.10 has the call without the flag: mark what is open, one by one.
    var number = first
    while number < 65536 {
      if apus_is_open(Int32(number)) == 1 {
        try Handle(raw: Int32(number)).closeOnExec()
      }
      number += 1
    }
  }

  /// Closes all descriptors in the range, both ends included (close_range(2)).
  @inline(never)
  package static func close(from first: UInt32, through last: UInt32 = .max) throws(SyscallError) {
    try check(apus_close_range(first, last, 0), "close_range")
  }

  /// Closes all from `first` on but these.
  package static func keepOnly(
    _ kept: [Handle], from first: UInt32 = 3
  ) throws(SyscallError) {
    var first = first
    for number in kept.map({ UInt32($0.raw) }).sorted() where number >= first {
      if number > first { try close(from: first, through: number - 1) }
      first = number + 1
    }
    try close(from: first)
  }
}

/// The two ends of a pipe (pipe(2)).
@inline(never)
package func makePipe() throws(SyscallError) -> (read: SharedDescriptor, write: SharedDescriptor) {
  var ends: (Int32, Int32) = (-1, -1)
  try unsafe check(
    withUnsafeMutableBytes(of: &ends) {
      unsafe apus_pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self), UInt32(APUS_O_CLOEXEC))
    }, "pipe2")
  return (
    SharedDescriptor(FileDescriptor(owning: ends.0)),
    SharedDescriptor(FileDescriptor(owning: ends.1))
  )
}

import Bytes
package import Linux

/// Descriptors that the caller passes through to the program, from 3 on without a gap between their
/// numbers. Which of them exist is settled before anything of ours is opened: otherwise one of ours
/// takes a free number and reaches the container (CVE-2024-21626).
package enum PreservedDescriptors {
  /// Occupies every free number among the `count` with `/dev/null`, closed by execve, and marks all
  /// descriptors above as closed by execve. Returns the numbers that were free.
  package static func reserve(_ count: Int) throws(SyscallError) -> [Int32] {
    var holes = [Int32]()
    for number in 0..<count {
      let handle = Handle(raw: Int32(3 + number))
      if handle.isOpen { continue }
      holes.append(handle.raw)
      let null = try Handle.currentDirectory.open("/dev/null", .path)
      if null.handle == handle {
        _ = null.release()
      } else {
        let copy = try null.handle.duplicated(atLeast: handle.raw)
        _ = copy.release()
      }
    }
    try DescriptorRange.closeOnExec(from: UInt32(3 + count))
    return holes
  }

  /// Whether it is one of `reserve`'s: nobody passes a `/dev/null` that can neither be read nor
  /// written.
  static func isPlaceholder(_ handle: Handle) -> Bool {
    do throws(SyscallError) {
      guard try handle.status().isCharacterDevice(1, 3) else { return false }
      return try handle.isPathOnly()
    } catch {
      return true
    }
  }
}

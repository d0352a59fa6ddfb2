package import Linux

extension StandardStreams {
  /// Programs open their streams again through /dev/stdout, which needs their user to own them.
  /// Devices are left alone, terminals too: they are not the container's (CVE-2026-88265).
  package static func give(to user: UInt32) throws(SyscallError) {
    for number: Int32 in 0...2 {
      let stream = Handle(raw: number)
      let status = try stream.status()
      guard status.kind != .character, status.kind != .block, status.userID != user else {
        continue
      }
      do throws(SyscallError) {
        try stream.changeOwner(user: user, group: .max)
      } catch {
        // A stream of somebody else's stays somebody else's.
        let tolerated: [Errno] = [.EPERM, .EROFS, .EINVAL]
        if !tolerated.contains(error.errno) { throw error }
      }
    }
  }
}

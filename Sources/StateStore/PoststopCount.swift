import Bytes
package import Linux

// How many poststop hooks have ended. A deletion that fails or is killed after them is repeated, and must
// not run them again: only one that it was killed in runs twice.
extension StateDirectory {
  static var poststopName: ByteString { "poststop" }

  /// A byte for each.
  package func endedPoststopHooks() -> Int {
    do throws(SyscallError) {
      let status = try handle.status(ofEntry: StateDirectory.poststopName)
      return status.kind == .regular ? Int(min(status.size, 1 << 16)) : 0
    } catch {
      return 0
    }
  }

  package func countPoststopHook() throws(SyscallError) {
    let file = try handle.open(
      StateDirectory.poststopName, [.writeOnly, .create, .append, .noFollow, .nonBlocking],
      mode: 0o600)
    try file.handle.writeAll([UInt8(ascii: ".")])
  }
}

package import Bytes
package import Linux

/// What went wrong with a cgroup, in words that no engine takes for the fate of the container's
/// program: `ENOENT` of a cgroup file is not a missing command.
package struct CgroupError: Error, Equatable, Sendable {
  package let reason: ByteString
  /// The member of `config.json` that asked for it; empty where none did.
  package let pointer: ByteString

  package init(_ reason: ByteString, at pointer: ByteString = "") {
    self.reason = reason
    self.pointer = pointer
  }

  package init(_ doing: ByteString, _ path: ByteString, _ error: SyscallError) {
    let symbol = error.errno.symbol.isEmpty ? error.errno.text : error.errno.symbol
    self.init(doing + " the cgroup `" + path + "`: " + error.call + " failed with " + symbol)
  }

  package var message: ByteString {
    pointer.isEmpty ? reason : reason + " [" + pointer + "]"
  }
}

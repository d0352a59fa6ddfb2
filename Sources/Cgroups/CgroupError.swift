package import Bytes
package import Linux

/// What went wrong with a cgroup, in words that no engine takes for the fate of the container's
/// program: `ENOENT` of a cgroup file is not a missing command.
package struct CgroupError: Error, Equatable, Sendable {
  package let message: ByteString

  package init(_ message: ByteString) { self.message = message }

  package init(_ doing: ByteString, _ path: ByteString, _ error: SyscallError) {
    let symbol = error.errno.symbol.isEmpty ? error.errno.text : error.errno.symbol
    message = doing + " the cgroup `" + path + "`: " + error.call + " failed with " + symbol
  }
}

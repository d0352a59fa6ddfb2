package import Bytes
package import Linux

/// What went wrong with a cgroup, in words that no engine takes for the fate of the container's
/// program: `ENOENT` of a cgroup file is not a missing command.
package enum CgroupError: Error, Equatable, Sendable {
  /// A call failed while `doing` something with the cgroup `path`.
  case system(_ doing: ByteString, path: ByteString, SyscallError)
  /// No call failed, but something that is needed does not hold; with the member of `config.json` that
  /// asked for it, empty where none did.
  case unmet(ByteString, at: ByteString = "")
  /// systemd could not be asked, or refused.
  case systemd(ByteString)

  package static func == (left: CgroupError, right: CgroupError) -> Bool {
    left.message == right.message
  }

  package var message: ByteString {
    pointer.isEmpty ? reason : reason + " [" + pointer + "]"
  }

  package var reason: ByteString {
    switch self {
    case .system(let doing, let path, let error):
      doing + " the cgroup `" + path + "`: " + error.call + " failed with " + error.errno.name
    case .unmet(let reason, _): reason
    case .systemd(let text): "systemd: " + text
    }
  }

  /// The member of `config.json` that asked for it; empty where none did.
  package var pointer: ByteString {
    if case .unmet(_, let pointer) = self { return pointer }
    return ""
  }

  /// Whether it says that the cgroup was removed meanwhile.
  var isGone: Bool {
    if case .system(_, _, let error) = self { return CgroupTree.isGone(error) }
    return false
  }

  /// Whether the kernel did not allow it.
  var isForbidden: Bool {
    if case .system(_, _, let error) = self {
      return error.errno == .EACCES || error.errno == .EPERM || error.errno == .EROFS
    }
    return false
  }
}

extension Errno {
  /// `ENOENT`, or the kernel's text where it has no symbol.
  var name: ByteString { symbol.isEmpty ? text : symbol }
}

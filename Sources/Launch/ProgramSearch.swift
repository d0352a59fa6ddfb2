package import Bytes
import Linux

/// Finds the program as execvp(3) would, so that a missing one fails `create` and not the container
/// after `start` returned. The texts are what engines turn into 126 and 127.
package enum ProgramSearch {
  /// Where a name without a slash is looked for when the environment has no PATH.
  package static var defaultPath: ByteString {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  }

  enum Verdict: Equatable {
    case program
    case missing
    case notExecutable
    case directory
    /// We may not look: the user may.
    case unknown
    /// The look itself failed, which says nothing of what is there.
    case failed(Errno)
  }

  /// The path to execute, for a name from `arguments[0]`, seen from `workingDirectory`.
  ///
  /// With `asUser` the answer is about the effective user; without, what root cannot see is left
  /// open (NFS hides directories from root).
  static func find(
    _ name: ByteString, path: ByteString?, workingDirectory: ByteString, asUser: Bool
  ) throws(ProgramError) -> ByteString {
    if name.contains(UInt8(ascii: "/")) {
      let seen = name.hasPrefix("/") ? name : workingDirectory + "/" + name
      switch look(seen, asUser: asUser) {
      case .program, .unknown: return name
      case .missing: throw ProgramError(name, "no such file or directory")
      case .notExecutable: throw ProgramError(name, "permission denied")
      case .directory: throw ProgramError(name, "is a directory: permission denied")
      case .failed(let errno): throw ProgramError(name, cannotLook: errno)
      }
    }
    var best = Verdict.missing
    for directory in (path ?? defaultPath).split(on: UInt8(ascii: ":")) {
      let candidate = (directory.isEmpty ? "." : directory) + "/" + name
      let seen = candidate.hasPrefix("/") ? candidate : workingDirectory + "/" + candidate
      switch look(seen, asUser: asUser) {
      case .program: return candidate
      case .notExecutable: best = .notExecutable
      case .unknown: if best == .missing, !asUser { best = .unknown }
      case .failed(let errno):
        // What follows would be another program than the one that is meant, if it is here.
        if errno.isShortage { throw ProgramError(name, cannotLook: errno) }
        if best == .missing { best = .failed(errno) }
      case .missing, .directory: break
      }
    }
    switch best {
    case .notExecutable: throw ProgramError(name, "permission denied")
    case .unknown: return name
    case .failed(let errno): throw ProgramError(name, cannotLook: errno)
    case .program, .missing, .directory:
      throw ProgramError(name, "executable file not found in $PATH")
    }
  }

  private static func look(_ path: ByteString, asUser: Bool) -> Verdict {
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(path, .path)
      let status = try file.handle.status()
      if status.kind == .directory { return .directory }
      guard status.kind == .regular, status.mode & 0o111 != 0 else { return .notExecutable }
      if asUser { try file.handle.checkAccess("", .execute) }
      return .program
    } catch {
      switch error.errno {
      case .ENOENT, .ENOTDIR: return .missing
      // A filter that notifies, or one around us, may not know the call: execve decides.
      case .ENOSYS, .EPERM: return .unknown
      case .EACCES: return asUser ? .notExecutable : .unknown
      default: return .failed(error.errno)
      }
    }
  }
}

extension Errno {
  /// Of descriptors or memory.
  fileprivate var isShortage: Bool {
    switch self {
    case .EMFILE, .ENFILE, .ENOMEM: true
    default: false
    }
  }
}

/// A program that cannot be executed, in the words that engines look for.
struct ProgramError: Error {
  let message: ByteString

  init(_ name: ByteString, _ reason: ByteString) {
    message = "exec: \"" + name.escaped(.path) + "\": " + reason
  }

  init(_ name: ByteString, cannotLook errno: Errno) {
    self.init(name, "cannot be looked up: " + errno.text + " (" + errno.symbol + ")")
  }

  /// What execve answered for a program that was found: the interpreter of a script may be missing.
  init(_ error: SyscallError) {
    if error.kind != .system {
      self.init(error.subject, error.message)
      return
    }
    switch error.errno {
    case .ENOENT, .ENOTDIR: self.init(error.subject, "no such file or directory")
    case .EACCES, .EPERM: self.init(error.subject, "permission denied")
    default: self.init(error.subject, error.errno.text + " (" + error.errno.symbol + ")")
    }
  }
}

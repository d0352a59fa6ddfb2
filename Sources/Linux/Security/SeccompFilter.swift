package import Bytes
import CShim

extension Handle {
  /// Whether it is the listener of a filter that notifies.
  @inline(never)
  package func isSeccompListener() throws(SyscallError) -> Bool {
    try Handle.currentDirectory.readLink(descriptorPath) == "anon_inode:seccomp notify"
  }
}

/// A seccomp filter as the kernel takes it (seccomp(2)).
package struct SeccompFilter: Equatable, Sendable {
  /// `struct sock_filter`s in the machine's byte order, eight bytes each.
  package let program: [UInt8]
  package let flags: UInt32

  package init(program: [UInt8], flags: UInt32) {
    self.program = program
    self.flags = flags
  }

  private static var newListener: UInt32 { UInt32(APUS_SECCOMP_FILTER_FLAG_NEW_LISTENER) }
  /// It speaks of a listener.
  private static var waitKillable: UInt32 { UInt32(APUS_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) }

  /// Puts the filter in force for this process and all it will start. From the next system call on the
  /// filter decides; nothing is allocated here.
  @inline(never)
  package func load() throws(SyscallError) {
    let count = try count()
    try check(
      unsafe program.withUnsafeBytes { unsafe apus_seccomp_load($0.baseAddress, count, flags) },
      "seccomp")
  }

  /// The same for one that notifies, then waits for the shared flag and keeps no listener: while this
  /// process held it, its calls would wait for an agent that is gone. False when `seconds` have passed.
  @inline(never)
  package func loadListening(seconds: Int64) throws(SyscallError) -> Bool {
    let count = try count()
    return try check(
      unsafe program.withUnsafeBytes {
        unsafe apus_seccomp_load_listening($0.baseAddress, count, flags, seconds)
      }, "seccomp") != 0
  }

  fileprivate func count() throws(SyscallError) -> UInt16 {
    guard let count = UInt16(exactly: program.count / 8), count > 0 else {
      throw SyscallError("seccomp", "", .EINVAL)
    }
    return count
  }

  /// Throws what the kernel would answer to the filter, without loading it into this process.
  ///
  /// The kernel looks at the flags, the length and our rights before it reads a program, which
  /// is nowhere here. What it can say of the program itself does not happen: each instruction is one that the
  /// compiler makes for this kernel. One limit is left, that of all filters of a process together,
  /// which a single one does not reach (4096 instructions, of which the kernel makes at most three
  /// times as many, of 32768): a process that has filters already tries it out.
  @inline(never)
  package func validate() throws(SyscallError) {
    let answer = apus_seccomp_probe(try count(), flags)
    // EACCES: no CAP_SYS_ADMIN here. The process that loads the filter has it, or no_new_privs.
    if !answer.failed(with: .EFAULT), !answer.failed(with: .EACCES) {
      try check(answer, "seccomp")
    }
    if try ThisProcess.control(APUS_PR_GET_SECCOMP) != 0 { try tryOut() }
  }

  /// In a child, which ends.
  private func tryOut() throws(SyscallError) {
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try ThisProcess.setNoNewPrivileges()
        let listener = SeccompFilter.newListener | SeccompFilter.waitKillable
        try SeccompFilter(program: program, flags: flags & ~listener).load()
      } catch {
        ThisProcess.exit(error.errno.rawValue)
      }
      ThisProcess.exit(0)
    case .parent(let child):
      // Killed: by the filter, which it was under by then.
      if case .exited(let status) = try child.wait(), status != 0 {
        throw SyscallError("seccomp", "", Errno(rawValue: status))
      }
    }
  }
}

/// How a failed execve(2) under a filter is reported: the errno is put into two bytes of a message.
package struct ExecutionReport {
  /// Where the message is written; nil where a filter forbids that, and the errno is in `ExecErrno`.
  package var handle: Handle?
  package var message: [UInt8]
  /// The exit status.
  package var status: Int32

  package init(handle: Handle?, message: [UInt8], status: Int32) {
    self.handle = handle
    self.message = message
    self.status = status
  }
}

extension ExecutableImage {
  /// Loads `filter` and becomes the program `path`; returns only if the filter could not be loaded.
  /// Under it nothing is called but execve(2), and no line of Swift runs.
  @inline(never)
  package func execute(
    _ path: ByteString, under filter: SeccompFilter, report: ExecutionReport
  ) -> SyscallError {
    let count: UInt16
    do throws(SyscallError) { count = try filter.count() } catch { return error }
    var message = report.message
    // The second and third byte are written to.
    while message.count < 3 { message.append(0) }
    let answer = unsafe filter.program.withUnsafeBytes { instructions in
      unsafe message.withUnsafeMutableBufferPointer { message in
        unsafe withPointers(path) { path, arguments, environment in
          unsafe apus_seccomp_execute(
            apus_filter(
              instructions: instructions.baseAddress, count: count, flags: filter.flags),
            path, arguments, environment,
            apus_failure_message(
              fd: report.handle?.raw ?? -1, status: report.status, record: message.baseAddress,
              size: UInt64(message.count)))
        }
      }
    }
    return SyscallError("seccomp", "", Errno(rawValue: Int32(truncatingIfNeeded: -answer)))
  }
}

/// The errno of an execve(2) that failed under a filter which forbids its process to tell: in memory
/// that the process shares with whoever made it, and with the file that it was made of.
package enum ExecErrno {
  /// `file` holds at least four bytes; nil for children of this process only.
  @inline(never)
  package static func make(in file: Handle? = nil) throws(SyscallError) {
    try check(apus_word_make(file?.raw ?? -1), "mmap", "exec errno")
  }

  package static var exists: Bool { apus_word_exists() != 0 }

  package static var errno: Errno? { Errno(word: apus_word_read()) }

  /// What such a file says.
  package static func errno(in bytes: [UInt8]) -> Errno? {
    guard bytes.count >= 4 else { return nil }
    return Errno(word: bytes.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }
}

extension Errno {
  fileprivate init?(word: UInt32) {
    if word == 0 { return nil }
    self.init(rawValue: Int32(truncatingIfNeeded: word))
  }
}

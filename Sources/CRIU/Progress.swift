package import Bytes
package import Linux

/// How long CRIU may take between two messages.
package enum CRIUPatience {
  /// For a question that it answers from what it knows, in milliseconds.
  case brief(Int32)
  case working(CRIUProgress)
}

/// Whether CRIU goes on with its work: its log grows, or it or a process that it made uses the processor or
/// waits for a disk.
package struct CRIUProgress {
  /// In seconds: without a line in its log, however busy it is; without any sign; and without one after it has
  /// said that it failed.
  package var silence: Int64 = 1800
  package var stall: Int64 = 60
  package var stallAfterFailure: Int64 = 5
  /// It may also wait for somebody else, who fetches pages from it or sends them.
  package var mayIdle = false
  /// Between two looks, in milliseconds.
  static var interval: Int32 { 1000 }

  private let directory: Handle
  private let log: ByteString
  private var size: UInt64 = 0
  private var ticks: UInt64 = 0
  private var lastLine: Int64
  private var lastSign: Int64

  /// Of a work that begins now, and is logged in a file of `directory`.
  package init(directory: Handle, log: ByteString) {
    self.directory = directory
    self.log = log
    lastLine = CRIUProgress.now
    lastSign = lastLine
  }

  /// After a message.
  mutating func begin() {
    lastLine = CRIUProgress.now
    lastSign = lastLine
  }

  private static var now: Int64 { Clock.monotonicNanoseconds / 1_000_000_000 }

  /// How many seconds it has done nothing, once that is too long.
  mutating func stalled() -> Int64? {
    let now = CRIUProgress.now
    let size = logSize
    var ticks: UInt64 = 0
    let isAtDisk = CRIUProgress.look("thread-self", depth: 0, &ticks)
    if size != self.size { lastLine = now }
    if size != self.size || ticks != self.ticks || isAtDisk || mayIdle { lastSign = now }
    (self.size, self.ticks) = (size, ticks)
    if now - lastLine >= silence { return now - lastLine }
    let quiet = now - lastSign
    if quiet >= stall || quiet >= stallAfterFailure && hasFailed {
      return quiet
    }
    return nil
  }

  private var logSize: UInt64 {
    do throws(SyscallError) { return try directory.status(ofEntry: log).size } catch { return 0 }
  }

  private var hasFailed: Bool {
    do throws(SyscallError) {
      let file = SharedDescriptor(try directory.open(log, [.noFollow, .nonBlocking]))
      let status = try file.handle.status()
      guard status.kind == .regular else { return false }
      try file.handle.seek(to: Int64(status.size - min(status.size, 65536)))
      return CRIULog.saysThatItFailed(ByteString(try file.handle.read(upTo: 65536)))
    } catch {
      return false
    }
  }

  /// Adds what the descendants of a process, those that have ended included, have used of the processor, in ticks
  /// (proc_pid_stat(5)). Whether one of them waits for a disk.
  private static func look(_ thread: ByteString, depth: Int, _ ticks: inout UInt64) -> Bool {
    var isAtDisk = false
    // The processes of a container may have made very many.
    if depth > 32 { return false }
    for child in read(thread + "/children").split(on: 0x20) {
      if let stat = ProcessStat([UInt8](read(child + "/stat").bytes)) {
        isAtDisk = isAtDisk || stat.isAtDisk
        ticks &+= stat.processorTicks
      }
      if look(child + "/task/" + child, depth: depth + 1, &ticks) { isAtDisk = true }
    }
    return isAtDisk
  }

  private static func read(_ name: ByteString) -> ByteString {
    do throws(SyscallError) {
      let file = SharedDescriptor(try Handle.currentDirectory.open("/proc/" + name, .readOnly))
      return ByteString(try file.handle.readKernelFile())
    } catch {
      return ""
    }
  }
}

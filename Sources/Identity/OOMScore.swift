import Bytes
package import Linux

/// `process.oomScoreAdj` (proc_pid_oom_score_adj(5)).
package enum OOMScore {
  /// For `process`, ourselves without one. Through a procfs handle of our own, before the process
  /// becomes non-dumpable or enters a user namespace. Less than the value that we were started with
  /// needs CAP_SYS_RESOURCE.
  package static func apply(_ score: Int32, procfs: Handle, process: Int32? = nil)
    throws(SyscallError)
  {
    let path = (process.map { ByteString(decimal: $0) } ?? "self") + "/oom_score_adj"
    let file = try OwnProcessFile.open(path, procfs: procfs, .writeOnly)
    try file.handle.writeOnce(ByteString(decimal: score), subject: "oom_score_adj")
  }
}

package import Bytes
package import Linux
package import OCISpec

/// How far the clocks of the container's time namespace are from ours (time_namespaces(7)).
package struct TimeOffsetPlan: Equatable, Sendable {
  /// What the kernel takes in one write: a line a clock.
  package var text: ByteString

  private static let clocks: [ByteString] = ["boottime", "monotonic"]

  /// Nil without offsets.
  package static func make(
    _ linux: LinuxSection, namespaces: NamespacePlan
  ) throws(ConfigError) -> TimeOffsetPlan? {
    guard !linux.timeOffsets.isEmpty else { return nil }
    guard namespaces.creates(.time) else {
      throw ConfigError("/linux/timeOffsets", "needs a new time namespace in /linux/namespaces")
    }
    var text = ByteString()
    for offset in linux.timeOffsets {
      guard clocks.contains(offset.key) else {
        throw ConfigError("/linux/timeOffsets", "unknown clock " + quoted(offset.key))
      }
      if offset.value.nanosecs >= 1_000_000_000 {
        throw ConfigError(
          "/linux/timeOffsets/" + offset.key + "/nanosecs", "a second or more")
      }
      text += offset.key + " " + ByteString(decimal: offset.value.secs) + " "
      text += ByteString(decimal: offset.value.nanosecs) + "\n"
    }
    return TimeOffsetPlan(text: text)
  }

  /// For the process `pid`, after it made the namespace with unshare(2) and before its first child is
  /// in it: from then on the offsets are fixed (TO-1). ERANGE is a clock before zero or too far off.
  package func apply(pid: Int32, procfs: Handle) throws(SyscallError) {
    let path = ByteString(decimal: pid) + "/timens_offsets"
    let file = try Procfs.open(procfs, path, .writeOnly)
    try file.handle.writeOnce(text, subject: path)
  }
}

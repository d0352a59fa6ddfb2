import Bytes
import Diagnosis
import Linux
import Plan
import Report
import Rootfs

// The place of a mount in the root filesystem.
extension Explanation {
  func target(_ mount: MountPlan, _ report: FailureReport, _ message: ByteString)
    -> Diagnosis?
  {
    let isMaking =
      ByteString("mkdir `").occurs(in: message) || ByteString("mknod `").occurs(in: message)
    guard isMaking, let errno = report.errno else { return nil }
    let place = "`" + mount.destination + "`"
    switch errno {
    case .EROFS:
      return Diagnosis(
        .mountTarget, place + " is not there, and what it would be made in is read-only",
        hint: "make it in the root filesystem beforehand")
    case .EACCES, .EPERM:
      return Diagnosis(
        .mountTarget,
        place + " is not there, and the container's root may not make it in `"
          + plan.rootfs.path + "`",
        hint: "make it beforehand, or give the root filesystem to the mapped ids")
    case .ENOSPC, .EDQUOT:
      return Diagnosis(.mountTarget, "the filesystem that " + place + " lies on is full")
    default: return nil
    }
  }

  /// What is there, where the kernel could not open it for a filesystem.
  func destination(_ mount: MountPlan, _ report: FailureReport, _ message: ByteString)
    -> Diagnosis?
  {
    if case .bind = mount.kind, report.errno != .ELOOP { return nil }
    guard report.errno == .ELOOP || report.errno == .ENOTDIR,
      ByteString("openat2 `").occurs(in: message)
    else { return nil }
    let correct: ByteString = ", or correct " + mount.pointer + "/destination"
    let make: ByteString = "make it a directory in the root filesystem" + correct
    switch view(before: mount)?.find(mount.destination, for: nil) {
    case .endless:
      return Diagnosis(.mountTarget, "its links lead in a circle", hint: make)
    case .notDirectory(let step):
      return Diagnosis(
        .mountKinds, "`" + step + "` on the way to the destination is a file",
        hint: "correct " + mount.pointer + "/destination")
    case .missing(_, let link?):
      return Diagnosis(
        .mountTarget,
        "`" + link.path + "` in the root filesystem is a link to `"
          + link.target.escaped(limit: 200) + "`", hint: make)
    case .found(let real, _, let status):
      if report.errno == .ELOOP, real != mount.destination {
        return Diagnosis(
          .mountTarget,
          "`" + mount.destination + "` in the root filesystem is a link, and leads to `" + real
            + "`", hint: make)
      }
      if status.kind == .directory { return nil }
      return Diagnosis(
        .mountKinds,
        "a filesystem is mounted on a directory, and `" + mount.destination + "` is a "
          + status.kind.noun, hint: make)
    case .missing, .closed, .unknown, nil: return nil
    }
  }

  func kinds(_ mount: MountPlan, _ source: ByteString) -> Diagnosis? {
    guard let from = HostLook.status(source) else { return nil }
    switch view(before: mount)?.find(mount.destination, for: nil) {
    case .found(_, _, let status):
      let isDirectory = status.kind == .directory
      guard isDirectory != (from.kind == .directory) else { return nil }
      return Diagnosis(
        .mountKinds,
        "the source is the " + from.kind.noun + " `" + source + "`, the destination the "
          + status.kind.noun + " `" + mount.destination + "`",
        hint: isDirectory
          ? "name a file as the destination of " + mount.pointer
          : "mount a directory on a directory, a file on a file")
    case .notDirectory(let step):
      return Diagnosis(
        .mountKinds,
        "`" + step + "` on the way to the destination is a file",
        hint: "correct " + mount.pointer + "/destination")
    case .missing, .closed, .endless, .unknown, nil: return nil
    }
  }

  /// The root filesystem with the mounts that come earlier.
  private func view(before mount: MountPlan) -> RootView? {
    var rootfs = plan.rootfs
    if let index = rootfs.mounts.firstIndex(where: { $0.pointer == mount.pointer }) {
      rootfs.mounts = Array(rootfs.mounts.prefix(index))
    }
    return RootView(rootfs)
  }
}

import Bytes
import Linux

/// Writes limits to the files of one cgroup.
struct LimitWriter {
  let cgroup: CgroupDirectory

  init(_ cgroup: CgroupDirectory) { self.cgroup = cgroup }

  func apply(_ limit: CgroupWrite) throws(CgroupError) {
    try checkFloor(limit)
    let limit = resolved(limit)
    do throws(SyscallError) {
      try cgroup.write(limit.file, limit.value)
    } catch {
      if limit.isTrial && error.errno == .EINVAL { return }
      if limit.isOptional && (error.errno == .ENOENT || error.errno == .EOPNOTSUPP) { return }
      throw .unmet(reason(limit, error.errno), at: limit.pointer)
    }
  }

  /// The file that this kernel has, of the two that mean the same.
  func resolved(_ limit: CgroupWrite) -> CgroupWrite {
    guard let other = limit.alternative else { return limit }
    do throws(SyscallError) {
      _ = try cgroup.handle.status(ofEntry: limit.file)
      return limit
    } catch {
      var limit = limit
      limit.file = other.file
      limit.value = other.value
      return limit
    }
  }

  /// RS-8: what is in use already is not taken away. Best effort where the use cannot be read.
  func checkFloor(_ limit: CgroupWrite) throws(CgroupError) {
    guard let file = limit.floor, let wanted = limit.value.unsignedDecimal else { return }
    let used: ByteString
    do throws(SyscallError) { used = try cgroup.read(file) } catch { return }
    if let used = used.split(on: 0x0a)[0].unsignedDecimal, wanted <= used {
      throw .unmet(
        "limit " + limit.value + " is not above the " + ByteString(decimal: used)
          + " bytes in use", at: limit.pointer)
    }
  }

  /// Without the kernel's own text, which engines would take for the fate of the program.
  private func reason(_ limit: CgroupWrite, _ errno: Errno) -> ByteString {
    let text = "`" + limit.value.escaped() + "` for " + limit.file
    switch errno {
    case .ENOENT:
      return Controllers.missingReason(limit.controller, in: cgroup)
        ?? "the kernel has no cgroup file " + limit.file
    case .EACCES, .EPERM, .EROFS:
      return "the runtime may not limit the cgroup `" + cgroup.path.text + "`: writing "
        + limit.file + " failed with " + errno.symbol
    case .EINVAL, .ERANGE: return "the kernel refuses " + text + " with " + errno.symbol
    case .ENODEV: return "there is no such device: " + text
    default: return "writing " + text + " failed with " + errno.name
    }
  }
}

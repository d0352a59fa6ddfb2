import Bytes
import Linux
import Namespaces
import Plan
import Rootfs

// Filesystems of the kernel: what they are made of, and which there are.
extension RootLooks {
  func overlay(_ mount: MountPlan) -> [Finding] {
    var found = [Finding]()
    func fault(_ message: ByteString, _ remedy: ByteString) {
      found.append(
        .error("mount-overlay", at: mount.pointer + "/options", message, remedy: remedy))
    }
    func value(_ name: ByteString) -> ByteString? {
      let options = mount.options.data.compactMap { $0.cut(at: UInt8(ascii: "=")) }
      return options.first { $0.before == name || $0.before == name + "+" }?.after
    }
    let (lower, upper, work) = (value("lowerdir"), value("upperdir"), value("workdir"))
    if lower == nil {
      fault("lowerdir is missing", "add lowerdir=DIR")
    } else if upper == nil, lower?.contains(UInt8(ascii: ":")) == false,
      !mount.options.data.contains(where: {
        $0.hasPrefix("lowerdir+=") || $0.hasPrefix("datadir+=")
      })
    {
      fault("without upperdir it needs two directories in lowerdir", "bind lowerdir alone")
    }
    if let upper {
      guard let work else {
        fault("upperdir needs a workdir", "add workdir=, an empty directory beside it")
        return found
      }
      if work == upper || work.isPath(below: upper) {
        fault("workdir " + shown(work) + " lies in upperdir", "make it beside upperdir")
      } else if let one = HostFile.status(upper), let other = HostFile.status(work),
        one.mountID != other.mountID
      {
        fault("upperdir and workdir lie on different mounts", "make workdir beside upperdir")
      }
      if HostFile.isReadOnly(upper) {
        fault("upperdir " + shown(upper) + " lies on a read-only filesystem", "give a writable one")
      }
    }
    for option in mount.options.data {
      guard let (name, value) = option.cut(at: UInt8(ascii: "=")) else { continue }
      let layers: [ByteString]
      switch name {
      case "lowerdir", "lowerdir+": layers = value.split(on: UInt8(ascii: ":"))
      case "upperdir", "workdir": layers = [value]
      default: continue
      }
      for layer in layers where layer.hasPrefix("/") && !layer.contains(UInt8(ascii: "\\")) {
        guard HostFile.status(layer)?.kind != .directory else { continue }
        found.append(
          .error(
            "mount-overlay", at: mount.pointer + "/options",
            name + " " + shown(layer)
              + (HostFile.exists(layer) ? " is not a directory" : " does not exist on the host"),
            remedy: HostFile.exists(layer)
              ? "name a directory"
              : looks.nearest(to: layer).map { "did you mean " + shown($0) + "?" }
                ?? "make it, or correct the path"))
      }
    }
    return found
  }
}

enum KernelFilesystems {
  /// Whether it is mounted from a block device: /proc/filesystems has no `nodev` before it.
  static func isOfDevice(_ type: ByteString) -> Bool {
    (HostFile.text("/proc/filesystems") ?? "").split(on: 0x0a).contains("\t" + type)
  }

  /// The one that was probably meant, of those that are loaded.
  static func nearest(to type: ByteString) -> ByteString? {
    let lines = (HostFile.text("/proc/filesystems") ?? "").split(on: 0x0a)
    return type.nearest(among: lines.compactMap { $0.split(on: 0x09).last })
  }

  /// Whether the kernel has the type, or a module that it would load for it.
  static func has(_ type: ByteString) -> Bool {
    // `fuse.sshfs` is fuse.
    let name = type.cut(at: UInt8(ascii: "."))?.before ?? type
    guard let known = HostFile.text("/proc/filesystems") else { return true }
    for line in known.split(on: 0x0a) where line.split(on: 0x09).last == name { return true }
    guard let release = HostFile.line("/proc/sys/kernel/osrelease") else { return true }
    let directory = "/lib/modules/" + release + "/"
    let aliases = ["alias fs-" + name + " "]
    if let text = HostFile.text(directory + "modules.alias", limit: 64 << 20) {
      if text.split(on: 0x0a).contains(where: { $0.hasPrefix(aliases[0]) }) { return true }
    }
    guard let modules = HostFile.text(directory + "modules.dep", limit: 64 << 20) else {
      return false
    }
    let file = "/" + name + ".ko"
    return modules.split(on: 0x0a).contains { line in
      line.split(on: UInt8(ascii: ":"))[0].contains(file)
    }
  }
}

/// Whether a user namespace may have a new procfs (mount_too_revealing() of the kernel): only if some
/// procfs in sight shows all of itself.
enum ProcfsVisibility {
  static func hiddenPlace(_ looks: Looks) -> ByteString? {
    guard looks.plan.namespaces.creates(.user) || looks.host.isInUserNamespace else { return nil }
    do throws(SyscallError) { return hiddenPlace(try MountInfo.read()) } catch { return nil }
  }

  static func hiddenPlace(_ mounts: [MountInfo]) -> ByteString? {
    var hidden: ByteString?
    for mount in mounts where mount.type == "proc" && mount.root == "/" {
      let place = mount.mountPoint
      let above = mounts.first {
        $0.parent == mount.id && !isEmptyDirectory($0.mountPoint, of: place)
      }
      guard let above else { return nil }
      hidden = hidden ?? above.mountPoint
    }
    return hidden
  }

  /// Directories that are made to be mounted over.
  private static func isEmptyDirectory(_ path: ByteString, of proc: ByteString) -> Bool {
    path == proc + "/sys/fs/binfmt_misc" || path == proc + "/fs/nfsd"
  }
}

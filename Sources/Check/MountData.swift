import Bytes
import Diagnosis
import Linux
import Rootfs

/// Options that a filesystem of the kernel's own does not know: the kernel only says EINVAL.
enum MountData {
  /// nil for a filesystem whose options nobody can list.
  private static func known(_ type: ByteString) -> [ByteString]? {
    let own: [ByteString]
    switch type {
    case "tmpfs":
      own = [
        "size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol", "inode32",
        "inode64", "noswap", "quota", "usrquota", "grpquota", "usrquota_block_hardlimit",
        "usrquota_inode_hardlimit", "grpquota_block_hardlimit", "grpquota_inode_hardlimit",
        "casefold", "strict_encoding", "nr_blocks",
      ]
    case "proc": own = ["gid", "hidepid", "subset", "pidns"]
    case "devpts": own = ["newinstance", "uid", "gid", "mode", "ptmxmode", "max"]
    case "sysfs", "mqueue": own = []
    case "overlay":
      own = [
        "lowerdir", "lowerdir+", "datadir+", "upperdir", "workdir", "default_permissions",
        "redirect_dir", "index", "uuid", "nfs_export", "userxattr", "xino", "metacopy", "verity",
        "volatile", "override_creds", "nooverride_creds",
      ]
    case "cgroup2":
      own = [
        "nsdelegate", "favordynmods", "nofavordynmods", "memory_localevents",
        "memory_recursiveprot", "memory_hugetlb_accounting", "pids_localevents",
      ]
    default: return nil
    }
    return own + ["context", "fscontext", "defcontext", "rootcontext", "seclabel", "source"]
  }

  private static var hierarchies: [ByteString] {
    [
      "memory", "cpu", "cpuacct", "cpuset", "blkio", "devices", "freezer", "net_cls", "net_prio",
      "perf_event", "hugetlb", "pids", "rdma",
    ]
  }

  /// As fs_parser of the kernel reads them.
  private static func isValid(_ value: ByteString, of name: ByteString) -> Bool {
    switch name {
    case "uid", "gid", "max":
      return value.unsignedDecimal.map { $0 < 1 << 32 } == true || value.hasPrefix("0x")
    case "mode", "ptmxmode":
      return !value.isEmpty && value.bytes.allSatisfy { (0x30...0x37).contains($0) }
    case "size", "nr_blocks", "nr_inodes":
      let digits = value.bytes.prefix { (0x30...0x39).contains($0) }
      let unit = value.dropFirst(digits.count).lowercased
      if digits.isEmpty || value.hasPrefix("0x") { return value.hasPrefix("0x") }
      return unit.isEmpty || unit == "%" && name == "size"
        || unit.count == 1 && ["k", "m", "g", "t", "p", "e"].contains(unit)
    case "hidepid":
      return ["0", "1", "2", "4", "off", "noaccess", "invisible", "ptraceable"].contains(value)
    default: return true
    }
  }

  static func findings(_ mount: MountPlan, _ type: ByteString) -> [Finding] {
    guard let known = known(type) else { return [] }
    var found = [Finding]()
    for option in mount.options.data {
      let name = option.cut(at: UInt8(ascii: "="))?.before ?? option
      if name == "context", !HostFile.exists("/sys/fs/selinux/enforce") {
        found.append(
          .error(
            "security-label", at: "/linux/mountLabel", "SELinux is not in force on this kernel",
            remedy: "leave it out"))
        continue
      }
      if known.contains(name) {
        if let value = option.cut(at: UInt8(ascii: "="))?.after, !isValid(value, of: name) {
          found.append(
            .error(
              "mount-option", at: mount.pointer + "/options",
              shown(option) + ": the value is none that " + type + " takes",
              remedy: MountValue.form(of: name) ?? ""))
        }
        continue
      }
      if type == "cgroup2", hierarchies.contains(name) {
        found.append(
          .error(
            "mount-option", at: mount.pointer + "/options",
            shown(option) + " is a hierarchy of cgroup v1: cgroup v2 has a single one",
            remedy: "leave it out, and mount it on /sys/fs/cgroup"))
        continue
      }
      if option.contains(UInt8(ascii: ",")) {
        found.append(
          .error(
            "mount-option", at: mount.pointer + "/options",
            shown(option) + " holds several options",
            remedy: "give each option a string of its own: "
              + ByteString.listInJSON(option.split(on: UInt8(ascii: ",")))))
        continue
      }
      let near = name.nearest(among: known + MountOptionTable.names)
      found.append(
        .error(
          "mount-option", at: mount.pointer + "/options",
          type + " has no option " + shown(name) + ", which is unknown to mount as well",
          remedy: near.map { "did you mean " + $0 + "?" } ?? "take it out"))
    }
    return found
  }
}

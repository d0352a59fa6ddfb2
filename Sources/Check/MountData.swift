import Bytes
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
    default: return nil
    }
    return own + ["context", "fscontext", "defcontext", "rootcontext", "seclabel", "source"]
  }

  static func findings(_ mount: MountPlan, _ type: ByteString) -> [Finding] {
    guard let known = known(type) else { return [] }
    var found = [Finding]()
    for option in mount.options.data {
      let name = option.cut(at: UInt8(ascii: "="))?.before ?? option
      if known.contains(name) { continue }
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

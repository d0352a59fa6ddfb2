import Bytes
import Linux
import OCISpec
import Testing

@testable import Rootfs

@Suite("The calls that change a mount (runtime-spec 6.2)")
struct MountChangeTests {
  private func changes(_ mount: Mount, isTree: Bool = false) throws -> [MountChange] {
    MountChange.all(for: try rootfsPlan([mount]).mounts[0], isTree: isTree)
  }

  private func bind(_ options: ByteString...) -> Mount {
    Mount(destination: "/m", source: "/s", options: ["bind"] + options)
  }

  @Test("a clone is connected as its source is, unless an option says how")
  func propagation() throws {
    #expect(try changes(bind()) == [])
    #expect(try changes(bind(), isTree: true) == [])
    #expect(try changes(bind("rslave")) == [MountChange(propagation: .slave)])
    #expect(
      try changes(bind("slave", "rshared"), isTree: true) == [
        MountChange(propagation: .slave), MountChange(propagation: .shared, recursive: true),
      ])
    #expect(try changes(Mount(destination: "/m", type: "tmpfs")) == [])
  }

  @Test("attributes share a call with a propagation that reaches the same mounts")
  func merged() throws {
    let readOnly = AttributeChange(set: .readOnly)
    #expect(
      try changes(bind("ro", "private")) == [
        MountChange(attributes: readOnly, propagation: .private)
      ])
    #expect(
      try changes(bind("ro", "rprivate"), isTree: true) == [
        MountChange(propagation: .private, recursive: true), MountChange(attributes: readOnly),
      ])
    #expect(
      try changes(bind("rro", "rprivate"), isTree: true) == [
        MountChange(attributes: readOnly, propagation: .private, recursive: true)
      ])
    #expect(
      try changes(bind("ro", "rnosuid"), isTree: true) == [
        MountChange(attributes: readOnly),
        MountChange(attributes: AttributeChange(set: .noSetUserID), recursive: true),
      ])
  }

  @Test("a bind mount that becomes the root is cut off, whatever it is to be later")
  func root() throws {
    let mount = Mount(destination: "/", source: "/s", options: ["rbind", "rshared"])
    #expect(
      try changes(mount, isTree: true) == [
        MountChange(propagation: .shared, recursive: true), MountChange(propagation: .private),
      ])
  }

  @Test("a filesystem is mounted with its attributes; recursive ones come after")
  func filesystem() throws {
    let mount = Mount(
      destination: "/m", type: "ramfs", options: ["ro", "nosymfollow", "rnoexec", "shared"])
    #expect(
      try changes(mount) == [
        MountChange(attributes: AttributeChange(set: .noSymlinkFollow), propagation: .shared),
        MountChange(attributes: AttributeChange(set: .noExecute)),
      ])
  }

  @Test("read-only waits where init still writes")
  func delayed() throws {
    let dev = Mount(destination: "/dev", source: "/dev", options: ["bind", "ro", "nosuid"])
    #expect(
      try changes(dev) == [
        MountChange(attributes: AttributeChange(set: .noSetUserID))
      ])
  }

  @Test("MT-O: attributes in the words of mount(2) and back")
  func classicFlags() {
    #expect(ClassicFlags.flags([]) == .relativeAccessTime)
    #expect(ClassicFlags.flags(.noAccessTime) == .noAccessTime)
    #expect(ClassicFlags.flags(.strictAccessTime) == .strictAccessTime)
    #expect(
      ClassicFlags.flags([
        .readOnly, .noSetUserID, .noDevices, .noExecute, .noDirectoryAccessTime, .noSymlinkFollow,
      ]) == [
        .readOnly, .noSetUserID, .noDevices, .noExecute, .noDirectoryAccessTime, .noSymlinkFollow,
        .relativeAccessTime,
      ])
    // ST_VALID is always there and says nothing.
    #expect(ClassicFlags.attributes(statfs: 0x1020) == [])
    #expect(ClassicFlags.attributes(statfs: 0x20) == .strictAccessTime)
    #expect(ClassicFlags.attributes(statfs: 0x420) == .noAccessTime)
    #expect(
      ClassicFlags.attributes(statfs: 0x382f) == [
        .readOnly, .noSetUserID, .noDevices, .noExecute, .noDirectoryAccessTime, .noSymlinkFollow,
      ])
  }

  @Test("a disk is opened read-only as a whole, the kernel's own filesystems are not")
  func superblock() {
    let options = MountOptions(parsing: ["ro", "sync", "dirsync", "lazytime", "mand"])
    let flags: [ByteString] = ["sync", "dirsync", "lazytime", "mand"]
    #expect(FilesystemMount.superblockFlags("ext4", options) == ["ro"] + flags)
    for type: ByteString in ["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup2"] {
      #expect(FilesystemMount.superblockFlags(type, options) == flags)
    }
    #expect(FilesystemMount.superblockFlags("ext4", MountOptions()) == [])
  }

  @Test("the host's procfs and sysfs outside the root, however their paths are written")
  func hostMounts() {
    let info: ByteString = """
      21 1 8:1 / / rw - ext4 /dev/a rw
      22 21 0:21 / /proc rw,nosuid shared:3 - proc proc rw
      23 21 0:22 / /sys rw - sysfs sysfs rw
      24 21 0:23 / /dev rw - tmpfs tmpfs rw
      25 21 0:21 / /a\\040b/proc rw master:1 - proc none rw
      26 30 0:21 / /b/rootfs/proc rw - proc proc rw
      28 29 0:21 / /b/rootfs/x/proc rw - proc proc rw
      29 30 0:24 / /b/rootfs/x rw - tmpfs tmpfs rw
      27 21 0:21 / /b/rootfs2/proc rw - proc proc rw
      30 21 8:1 /b/rootfs /b/rootfs rw - ext4 /dev/a rw

      """
    let mounts = HostPseudoFilesystems.outside(30, MountInfo.parse(info.bytes))
    #expect(mounts.map { $0.path } == [".", "proc", "sys", "dev", "a b/proc", "b/rootfs2/proc"])
    #expect(mounts.map { $0.isPseudo } == [false, true, true, false, true, true])
  }
}

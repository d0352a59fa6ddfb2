import Bytes
import Linux
import Namespaces
import Plan
import Rootfs

extension Subject {
  /// What init holds that lies outside of the container (CVE-2024-21626): its descriptors beyond the standard
  /// streams, its working directory and its root.
  func addDescriptors(_ files: ProcessFiles, _ inside: InsideView, to list: inout RowList) {
    guard plan.namespaces.has(.mount), !inside.mounts.isEmpty else { return }
    let host = read { () throws(SyscallError) in try MountInfo.read().map { $0.id } } ?? []
    func isOutside(_ id: UInt64) -> Bool {
      !inside.mounts.contains { $0.id == id } && host.contains(id)
    }
    for (pointer, link) in [("/process/cwd", "cwd"), ("/root/path", "root")]
      as [(ByteString, ByteString)]
    {
      let status = read { () throws(SyscallError) in
        try files.directory.handle.status(behindEntry: link)
      }
      let isOut = status.map { isOutside($0.mountID) }
      list.add(pointer, link, "inside", isOut.map { $0 ? "outside of the container" : "inside" })
    }
    guard
      let names = read({ () throws(SyscallError) in
        let directory = try files.directory.handle.open("fd", [.readOnly, .directory])
        return try directory.handle.entries().compactMap { $0.name.unsignedDecimal }.sorted()
      })
    else { return list.add("/process", "descriptors", "inside", nil) }
    var strays = 0
    // Those of an init that waits are the runtime's, and closed by execve.
    for number in names where number > 2 && hasStarted {
      let name = ByteString(decimal: number)
      let info = files.text("fdinfo/" + name)?.split(on: 0x0a).first { $0.hasPrefix("mnt_id:\t") }
      guard let mount = info?.dropFirst(8).unsignedDecimal, isOutside(mount) else { continue }
      strays += 1
      let path = read { () throws(SyscallError) in
        try files.directory.handle.readLink("fd/" + name)
      }
      list.add(
        "/process", "descriptor " + name, "nothing of the host", path ?? "a file of the host",
        note: "passed with --preserve-fds or LISTEN_FDS, or a leak")
      if strays == 64 { break }
    }
    if strays == 0 {
      list.add(
        "/process", "descriptors", "nothing of the host",
        ByteString(decimal: names.count) + " open, nothing of the host", isSame: true)
    }
  }
}

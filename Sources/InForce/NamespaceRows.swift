import Bytes
import Identity
import Linux
import Namespaces
import OCISpec
import Plan

extension Subject {
  func addNamespaces(_ files: ProcessFiles, _ inside: InsideView, to list: inout RowList) {
    for kind in NamespaceKind.allCases { addNamespace(kind, files, to: &list) }
    addIDMaps(files, to: &list)
    let namespaces = plan.namespaces
    if let offsets = namespaces.timeOffsets {
      let found = files.text("timens_offsets")
      let lines = found?.split(on: 0x0a).map { ProcessFiles.words($0).joined(by: " ") } ?? []
      list.add(
        "/linux/timeOffsets", "clock offsets", line(offsets.text), found.map { line($0) },
        isSame: offsets.text.split(on: 0x0a).allSatisfy { lines.contains($0) })
    }
    for (pointer, name, wanted) in [
      ("/hostname", "hostname", namespaces.hostname),
      ("/domainname", "domainname", namespaces.domainname),
    ] as [(ByteString, ByteString, ByteString?)] {
      guard let wanted else { continue }
      list.add(pointer, name, wanted, inside[name])
    }
    for sysctl in namespaces.sysctls {
      let key = sysctl.components.joined(by: ".")
      let found = inside["s" + key]
      list.add(
        "/linux/sysctl/" + pointerToken(key), "sysctl", sysctl.value, found,
        // The kernel separates several numbers with tabs.
        isSame: found.map { ProcessFiles.words($0) == ProcessFiles.words(sysctl.value) } ?? false)
    }
    if !namespaces.devices.isEmpty {
      let present = files.text("net/dev").map {
        $0.split(on: 0x0a).compactMap { line in
          line.cut(at: UInt8(ascii: ":")).map { ProcessFiles.words($0.before).joined(by: "") }
        }
      }
      for device in namespaces.devices where !device.isTemplate {
        let isThere = present.map { $0.contains(device.newName) }
        list.add(
          device.pointer, "network device", device.newName,
          isThere.map { $0 ? device.newName : "absent" })
      }
    }
  }

  func addIDMaps(_ files: ProcessFiles, to list: inout RowList) {
    guard let maps = plan.namespaces.idMaps else { return }
    for (member, file, wanted) in [
      ("uidMappings", "uid_map", maps.users), ("gidMappings", "gid_map", maps.groups),
    ] as [(ByteString, ByteString, [IDMapping])] {
      let text = files.text(file)
      let found = text.flatMap { IDMapPlan.parse($0) }
      list.add(
        "/linux/" + member, file, line(IDMapPlan.text(wanted)),
        found.map { line(IDMapPlan.text($0)) },
        isSame: found.map { IDMapPlan.isSame($0, wanted) || wanted.isEmpty } ?? false)
    }
  }

  private func line(_ text: ByteString) -> ByteString {
    text.split(on: 0x0a).filter { !$0.isEmpty }
      .map { ProcessFiles.words($0).joined(by: " ") }.joined(by: ", ")
  }

  private func addNamespace(_ kind: NamespaceKind, _ files: ProcessFiles, to list: inout RowList) {
    let isNew = plan.namespaces.creates(kind)
    let join = plan.namespaces.join(of: kind)
    let wanted: ByteString? = isNew ? "its own" : join.map { $0.path }
    guard let status = namespace(files, kind) else {
      // A kernel without this kind, or a process that may not be seen.
      if wanted != nil { list.add("/linux/namespaces", kind.name + " namespace", wanted, nil) }
      return
    }
    let identity = NamespaceIdentity(status).text
    var sharers = neighbours.filter { neighbour in
      neighbour.namespaces.contains { $0.key == kind.name && $0.value == identity }
    }.map { "container " + $0.id }
    let isCallers = isSame(status, "/proc/self/ns/" + kind.file)
    let isHosts = isSame(status, "/proc/1/ns/" + kind.file)
    if isHosts {
      sharers.insert("the host", at: 0)
    } else if isCallers {
      sharers.insert("the caller", at: 0)
    }
    let former = recorded.first { $0.key == kind.name }?.value
    let hasMoved = former != nil && former != identity
    var isRight = !hasMoved && !(isNew && (isHosts || isCallers))
    // What a path leads to may be another one by now, or gone; the record says which it was.
    if former == nil, let join { isRight = isSame(status, join.path) }
    list.add(
      "/linux/namespaces", kind.name + " namespace", wanted,
      "inode " + ByteString(decimal: status.inode)
        + (sharers.isEmpty ? "" : ", shared with " + sharers.joined(by: ", ")),
      isSame: isRight, note: hasMoved ? "init has left the one that it was started in" : "")
  }

  func namespace(_ files: ProcessFiles, _ kind: NamespaceKind) -> FileStatus? {
    read { () throws(SyscallError) in
      try files.directory.handle.status(behindEntry: "ns/" + kind.file)
    }
  }

  func isSame(_ status: FileStatus, _ path: ByteString) -> Bool {
    read { () throws(SyscallError) in
      let file = try Handle.currentDirectory.open(path, .path)
      return try file.handle.status().isSameFile(as: status)
    } ?? false
  }
}

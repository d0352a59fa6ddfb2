import Bytes
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs

// Files: mounts with their flags, devices, masks. A mount is found by what its destination leads to inside the
// container, not by its path.
extension Subject {
  func addMounts(_ inside: InsideView, to list: inout RowList) {
    if let error = inside["!"] ?? inside["!mountinfo"] {
      return list.add("/mounts", "mounts", "", nil, note: error)
    }
    addRoot(inside, to: &list)
    var explained = [UInt64]()
    let rootfs = plan.rootfs
    for index in rootfs.mounts.indices { addMount(index, inside, &explained, to: &list) }
    for device in rootfs.devices { addDevice(device, inside, &explained, to: &list) }
    for (index, masked) in rootfs.maskedPaths.enumerated() {
      let place = inside.place("k" + masked.path)
      if let place { explained.append(place.mountID) }
      let isMasked = place.map {
        $0.kind == "directory" ? $0.isEmpty && $0.access != "rw" : $0.special == "1:3"
      }
      list.add(
        "/linux/maskedPaths/" + ByteString(decimal: index), masked.path, "masked",
        isMasked.map { $0 ? "masked" : "shows a " + (place?.kind ?? "") }
          ?? absence("k" + masked.path, inside),
        isSame: isMasked ?? true)
    }
    for path in rootfs.readonlyPaths {
      let place = inside.place("p" + path.path)
      if let place { explained.append(place.mountID) }
      let mount = place.flatMap { place in inside.mounts.first { $0.id == place.mountID } }
      let isReadOnly = place.map { $0.access == "ro" || mount?.options.contains("ro") ?? false }
      list.add(
        path.pointer, path.path, "read-only",
        isReadOnly.map { $0 ? "read-only" : "can be written" } ?? absence("p" + path.path, inside),
        isSame: isReadOnly ?? true)
    }
    if plan.namespaces.has(.mount) { addOthers(inside, explained, to: &list) }
  }

  private func absence(_ key: ByteString, _ inside: InsideView) -> ByteString? {
    inside.error(key) == nil ? "absent" : nil
  }

  private func addRoot(_ inside: InsideView, to list: inout RowList) {
    guard plan.namespaces.has(.mount), let place = inside.place("p/"),
      let mount = inside.mounts.first(where: { $0.id == place.mountID })
    else { return }
    let rootfs = plan.rootfs
    let isReadOnly = mount.options.contains("ro")
    list.add(
      "/root/readonly", "root", rootfs.isReadOnly ? "ro" : "rw", isReadOnly ? "ro" : "rw",
      // What the filesystem itself is, nobody asked.
      isSame: isReadOnly == rootfs.isReadOnly)
    let type = rootfs.propagation?.type ?? .slave
    list.add(
      "/linux/rootfsPropagation", "root", type.name, mount.connection,
      isSame: mount.isConnected(as: type))
  }

  /// Those that a later entry lies over are out of sight, as they should be.
  private func cover(of index: Int) -> Int? {
    let mounts = plan.rootfs.mounts
    return mounts.indices.last { later in
      later > index && mounts[later].isMount
        && mounts[index].destination.path(below: mounts[later].destination) != nil
    }
  }

  /// What the mount's attributes are in the end, by its own entry and those that change it later.
  private func attributes(_ index: Int) -> AttributeChange {
    let mounts = plan.rootfs.mounts
    var change = AttributeChange()
    func take(_ more: AttributeChange) {
      change.set = change.set.subtracting(more.clear).union(more.set)
      change.clear = change.clear.subtracting(more.set).union(more.clear)
    }
    for (number, mount) in mounts.enumerated()
    where number == index
      || number > index && !mount.isMount && mount.destination == mounts[index].destination
    {
      take(mount.options.attributes)
      take(mount.options.recursiveAttributes)
    }
    if plan.rootfs.readonlyPaths.contains(where: { $0.path == mounts[index].destination }) {
      take(AttributeChange(set: .readOnly))
      change.clear.remove(.readOnly)
    }
    return change
  }

  private func addMount(
    _ index: Int, _ inside: InsideView, _ explained: inout [UInt64], to list: inout RowList
  ) {
    let mount = plan.rootfs.mounts[index]
    if !mount.isMount { return }
    let wanted = attributes(index)
    let title =
      ([mount.words, FlagNames.attributes(wanted)] + mount.options.propagation.map { $0.type.name })
      .filter { !$0.isEmpty }.joined(by: " ")
    if let cover = cover(of: index) {
      let pointer = plan.rootfs.mounts[cover].pointer
      return list.add(
        mount.pointer, mount.destination, title, "covered by " + pointer, isSame: true)
    }
    let key = "p" + mount.destination
    guard let place = inside.place(key),
      let found = inside.mounts.first(where: { $0.id == place.mountID })
    else {
      return list.add(
        mount.pointer, mount.destination, title, absence(key, inside), note: inside.error(key) ?? ""
      )
    }
    explained.append(found.id)
    var faults = [ByteString]()
    if let type = mount.type, found.type != type, !found.type.hasPrefix(type + ".") {
      faults.append("another filesystem")
    } else if found.id == inside.place("p/")?.mountID, mount.destination != "/" {
      faults.append("nothing is mounted there")
    }
    let bits = wanted.set.union(wanted.clear)
    if found.attributes.intersection(bits) != wanted.set { faults.append("other flags") }
    if let last = mount.options.propagation.last, !found.isConnected(as: last.type) {
      faults.append("connected otherwise")
    }
    // Ids are shown as they are on the host.
    let hidden: [ByteString] = plan.namespaces.has(.user) ? ["uid=", "gid="] : []
    faults += mount.options.data.compactMap { option in
      hidden.contains { option.hasPrefix($0) } ? nil : found.contradiction(of: option)
    }
    if case .bind(let source, _) = mount.kind, mount.sourceInRoot == nil,
      let now = read({ () throws(SyscallError) in
        let file = try Handle.currentDirectory.open(source, .path)
        return try file.handle.status()
      }), ByteString(decimal: now.inode) != place.inode
    {
      faults.append("the source on the host has been replaced since, or another mount lies over it")
    }
    list.add(
      mount.pointer, mount.destination, title,
      [found.type, found.options.joined(by: ","), found.connection].joined(by: " "),
      isSame: faults.isEmpty, note: faults.joined(by: "; "))
  }

  private func addDevice(
    _ device: DevicePlan, _ inside: InsideView, _ explained: inout [UInt64], to list: inout RowList
  ) {
    let wanted = [
      InsideView.name(device.kind.kind),
      ByteString(decimal: device.major) + ":" + ByteString(decimal: device.minor),
      ByteString(octal: device.mode),
      ByteString(decimal: device.user) + ":" + ByteString(decimal: device.group),
    ]
    let key = "p" + device.path
    guard let place = inside.place(key) else {
      return list.add(device.pointer, device.path, wanted.joined(by: " "), absence(key, inside))
    }
    explained.append(place.mountID)
    let found = [place.kind, place.special, place.mode, place.owner]
    // A node of the host's stands in for one that could not be made, with the host's owner and mode.
    let isStandIn = plan.namespaces.has(.user) || !plan.isPrivileged
    list.add(
      device.pointer.isEmpty ? "/linux/devices" : device.pointer, device.path,
      wanted.joined(by: " "), found.joined(by: " "),
      isSame: found == wanted || isStandIn && found.prefix(2) == wanted.prefix(2))
  }

  /// What nobody asked for.
  private func addOthers(
    _ inside: InsideView, _ explained: [UInt64], to list: inout RowList
  ) {
    let rootID = inside.place("p/")?.mountID ?? 0
    let console = inside.place("p/dev/console")?.mountID ?? 0
    let known = explained + [rootID, console]
    let covers = plan.rootfs.maskedPaths.map { $0.path } + plan.rootfs.readonlyPaths.map { $0.path }
    let trees =
      plan.rootfs.mounts.filter { $0.isTree }.compactMap {
        inside.place("p" + $0.destination)?.mountID
      } + plan.rootfs.readonlyPaths.compactMap { inside.place("p" + $0.path)?.mountID }
    for mount in inside.mounts
    where !known.contains(mount.id) && !covers.contains(mount.mountPoint) {
      let found = [mount.type, mount.options.joined(by: ","), mount.connection].joined(by: " ")
      if let added = added.first(where: { $0.id == mount.id }) {
        list.add(
          "/mounts", mount.mountPoint, added.words, found, isSame: true,
          note: "added after the container was made")
        continue
      }
      // What lay below the source of a bind mount, or came there later on the host.
      var above = mount
      while !trees.contains(above.id),
        let next = inside.mounts.first(where: { $0.id == above.parent }),
        next.id != above.id
      { above = next }
      if trees.contains(above.id) { continue }
      // Under another one of the same place.
      if plan.rootfs.mounts.contains(where: {
        $0.destination == mount.mountPoint && ($0.type == nil || $0.type == mount.type)
      }) {
        continue
      }
      if mount.parent == rootID || mount.mountPoint == "/", isBelowRootfs(mount) { continue }
      list.add(
        "/mounts", mount.mountPoint, "nothing", found, isSame: false,
        note: "no entry of the configuration mounts it")
    }
  }

  /// Mounts that lay in the root filesystem's directory on the host came along.
  private func isBelowRootfs(_ mount: MountInfo) -> Bool {
    let path = mount.mountPoint == "/" ? plan.rootfs.path : plan.rootfs.path + mount.mountPoint
    return (read { () throws(SyscallError) in try MountInfo.read() } ?? []).contains {
      $0.device == mount.device && $0.root == mount.root && $0.mountPoint == path
    }
  }
}

extension MountPlan {
  fileprivate var isMount: Bool {
    if case .remount = kind { return false }
    return true
  }

  fileprivate var isTree: Bool {
    if case .bind(_, let recursive) = kind { return recursive }
    return false
  }

  /// The type of the filesystem that must be there; nil for one of the host's.
  fileprivate var type: ByteString? {
    switch kind {
    case .filesystem(let type, _): type
    case .cgroup: "cgroup2"
    case .bind, .remount: nil
    }
  }

  fileprivate var words: ByteString {
    if case .bind(let source, _) = kind { return "bind " + source }
    return type ?? ""
  }
}

extension Mounting.Propagation {
  fileprivate var name: ByteString {
    switch self {
    case .shared: "shared"
    case .slave: "slave"
    case .private: "private"
    case .unbindable: "unbindable"
    }
  }
}

extension MountInfo {
  fileprivate var connection: ByteString {
    let words = propagation.compactMap { word -> ByteString? in
      if word.hasPrefix("shared:") { return "shared" }
      if word.hasPrefix("master:") { return "slave" }
      return word == "unbindable" ? word : nil
    }
    return words.isEmpty ? "private" : words.joined(by: ",")
  }

  fileprivate func isConnected(as type: Mounting.Propagation) -> Bool {
    switch type {
    case .private: connection == "private"
    // Of a mount that nobody shares, it is a private one.
    case .slave: !connection.hasPrefix("shared")
    case .shared: connection.hasPrefix("shared")
    case .unbindable: connection == "unbindable"
    }
  }

  fileprivate var attributes: MountAttributes {
    let names: [(ByteString, MountAttributes)] = [
      ("ro", .readOnly), ("nosuid", .noSetUserID), ("nodev", .noDevices), ("noexec", .noExecute),
      ("noatime", .noAccessTime), ("nodiratime", .noDirectoryAccessTime),
      ("nosymfollow", .noSymlinkFollow), ("idmapped", .idMapped),
    ]
    let options = options
    var found: MountAttributes = []
    for (name, bit) in names where options.contains(name) { found.insert(bit) }
    if !options.contains("relatime") && !options.contains("noatime") {
      found.insert(.strictAccessTime)
    }
    return found
  }

  /// What the filesystem has instead of an option `key=value` that it shows; nil if it does not show it.
  fileprivate func contradiction(of option: ByteString) -> ByteString? {
    guard let (key, value) = option.cut(at: UInt8(ascii: "=")),
      let shown = data.first(where: { $0.hasPrefix(key + "=") })
    else { return nil }
    let found = shown.dropFirst(key.count + 1)
    return MountOptionValue.isSame(value, found) ? nil : shown + " instead of " + option
  }
}

/// Numbers of options, which the kernel shows in its own way: `mode=0755` as `755`, `size=65536k` as `64M`.
enum MountOptionValue {
  static func isSame(_ first: ByteString, _ second: ByteString) -> Bool {
    first == second || number(first) != nil && number(first) == number(second)
      // A share of the memory, which the kernel shows as bytes.
      || first.hasSuffix("%")
  }

  static func number(_ text: ByteString) -> UInt64? {
    let suffixes: [UInt8] = [
      UInt8(ascii: "k"), UInt8(ascii: "m"), UInt8(ascii: "g"), UInt8(ascii: "t"),
    ]
    var digits = text.lowercased
    var shift: UInt64 = 0
    if let last = digits.bytes.last, let index = suffixes.firstIndex(of: last) {
      shift = UInt64(index + 1) * 10
      digits = digits.dropLast(1)
    }
    while digits.count > 1, digits.hasPrefix("0") { digits = digits.dropFirst(1) }
    guard let value = digits.unsignedDecimal, value < 1 << 23 || shift < 40 && value < 1 << 33
    else {
      return shift == 0 ? digits.unsignedDecimal : nil
    }
    return value << shift
  }
}

package import Bytes
package import Linux

/// Why a cgroup could not be made or used, looked at from the root of the hierarchy down.
package struct CgroupExamination {
  private let mountPoint: ByteString
  private let components: [ByteString]

  package init(_ mountPoint: ByteString, _ components: [ByteString]) {
    self.mountPoint = mountPoint
    self.components = components
  }

  /// In the hierarchy, `/a/b`; the hierarchy itself for 0.
  private func name(_ depth: Int) -> ByteString {
    depth == 0 ? "/" : "/" + Array(components.prefix(depth)).joined(by: "/")
  }

  private func directory(_ depth: Int) -> ByteString {
    depth == 0 ? mountPoint : mountPoint + name(depth)
  }

  private func line(_ file: ByteString, at depth: Int) -> ByteString? {
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(
        directory(depth) + "/" + file, [.nonBlocking, .noControllingTerminal])
      return ByteString(try file.handle.readAll(limit: 4096))
    } catch {
      return nil
    }
  }

  private func status(_ depth: Int) -> FileStatus? {
    do throws(SyscallError) {
      let directory = try Handle.currentDirectory.open(directory(depth), [.path, .directory])
      return try directory.handle.status()
    } catch {
      return nil
    }
  }

  /// How many of the components are there.
  private var present: Int {
    var depth = 0
    while depth < components.count, status(depth + 1) != nil { depth += 1 }
    return depth
  }

  /// The highest one on the way that is frozen itself, and its directory.
  package var frozen: (name: ByteString, directory: ByteString)? {
    for depth in 0..<(components.count + 1) {
      if line("cgroup.freeze", at: depth)?.hasPrefix("1") == true {
        return (name(depth), directory(depth))
      }
    }
    return nil
  }

  /// What limits the number or the depth of cgroups; nil where nothing does.
  package var limit: Diagnosis? {
    let present = present
    if present == components.count { return nil }
    for depth in (0...present).reversed() {
      let deepest = line("cgroup.max.depth", at: depth)?.split(on: 0x0a).first?.unsignedDecimal
      let most = line("cgroup.max.descendants", at: depth)?.split(on: 0x0a).first?.unsignedDecimal
      let living = line("cgroup.stat", at: depth)?.split(on: 0x0a).first { $0.hasPrefix("nr_desc") }
      let number = living?.split(on: 0x20).last?.unsignedDecimal ?? 0
      let file: ByteString
      if let deepest, UInt64(components.count - depth) > deepest {
        file = "cgroup.max.depth"
      } else if let most, number >= most {
        file = "cgroup.max.descendants"
      } else {
        continue
      }
      let value = line(file, at: depth)?.split(on: 0x0a).first ?? ""
      return Diagnosis(
        .cgroupFailed, file + " of `" + name(depth) + "` is " + value,
        hint: "raise it (echo max > " + directory(depth) + "/" + file
          + "), or give another /linux/cgroupsPath")
    }
    return nil
  }

  /// The directory that `user` may not write, where it has to.
  package func closed(to user: RootView.User) -> (path: ByteString, status: FileStatus)? {
    let present = present
    guard present < components.count, let status = status(present), !user.passesAll,
      !status.allows(2, user)
    else { return nil }
    return (directory(present), status)
  }

  package static var delegation: ByteString {
    "have a cgroup delegated (systemd-run --user --scope -p Delegate=yes), or leave "
      + "/linux/cgroupsPath and /linux/resources out"
  }

  /// - Parameter message: of the failure, with the name of the error.
  package func diagnosis(_ message: ByteString, for user: RootView.User) -> Diagnosis {
    func says(_ name: ByteString) -> Bool { name.occurs(in: message) }
    if says("EAGAIN"), let limit { return limit }
    if says("EACCES") || says("EPERM") {
      var cause: ByteString = ""
      if let closed = closed(to: user) {
        cause = user.name + " may not write to `" + closed.path + "` (" + closed.status.rights + ")"
      }
      return Diagnosis(.cgroupFailed, cause, hint: CgroupExamination.delegation)
    }
    if says("EROFS") {
      return Diagnosis(
        .cgroupFailed, "the cgroup filesystem is mounted read-only here",
        hint: "mount -o remount,rw " + mountPoint)
    }
    if says("EOPNOTSUPP") {
      return Diagnosis(
        .cgroupFailed, "a cgroup on the way is threaded (cgroup.type): it takes no process",
        hint: "give another /linux/cgroupsPath")
    }
    return Diagnosis(.cgroupFailed)
  }
}

/// The sizes of huge pages that the kernel has, as its cgroups spell them.
package enum HugePages {
  package static var sizes: [ByteString] {
    do throws(SyscallError) {
      let directory = try Handle.currentDirectory.open("/sys/kernel/mm/hugepages", .directory)
      return try directory.handle.entries().compactMap { title($0.name) }
    } catch {
      return []
    }
  }

  /// `hugepages-2048kB` as `2MB`.
  package static func title(_ name: ByteString) -> ByteString? {
    guard name.hasPrefix("hugepages-"), name.hasSuffix("kB"),
      let kilobytes = name.dropFirst(10).dropLast(2).unsignedDecimal
    else { return nil }
    if kilobytes >= 1 << 20 { return ByteString(decimal: kilobytes >> 20) + "GB" }
    return kilobytes >= 1 << 10
      ? ByteString(decimal: kilobytes >> 10) + "MB" : ByteString(decimal: kilobytes) + "KB"
  }
}

import Bytes
import Linux

extension Cgroup {
  /// Sets the limits, which hold from then on for every process in the cgroup: init is in it by now.
  /// The first that fails ends it.
  package func apply(_ limits: [CgroupWrite]) throws(CgroupError) {
    endScopeHolder()
    if isUnit {
      try limitMemory(limits)
      try setProperties(limits.map { resolved($0) })
      // systemd passes on those that it knows itself, hugetlb and rdma not among them.
      enableControllers(for: limits)
    }
    for limit in limits { try apply(limit) }
  }

  /// Where the kernel kills all there is for a limit of memory, systemd removes the cgroup, with what it
  /// counted, before it answers that the limit is set. So we set it first, and look.
  private func limitMemory(_ limits: [CgroupWrite]) throws(CgroupError) {
    let memory = limits.filter { $0.file == "memory.swap.max" || $0.file == "memory.max" }
    guard let last = memory.last else { return }
    let killsAbove = killsOfParent()
    for limit in memory {
      try checkFloor(limit)
      // What fails here fails again, where it is reported.
      do throws(SyscallError) { try write(limit.file, limit.value) } catch {}
    }
    if var report = outOfMemory() {
      // systemd can take the cgroup away between two looks at it; the limit is the one just written.
      if report.cgroup == nil { report.cgroup = path.text }
      if report.limit == nil, report.cgroup == path.text {
        report.limit = CgroupFile.limit(last.value)
      }
      throw CgroupError(report.message, at: last.pointer)
    }
    // systemd was faster: the cgroup is gone, and its parent has counted what was killed in it.
    let counted = killsOfParent()
    let kills = counted > killsAbove ? counted - killsAbove : 0
    if kills > 0, isRemoved {
      let report = OutOfMemory(
        kills: kills, cgroup: path.text, limit: CgroupFile.limit(last.value), peak: nil)
      throw CgroupError(report.message, at: last.pointer)
    }
  }

  func apply(_ limit: CgroupWrite) throws(CgroupError) {
    try checkFloor(limit)
    let limit = resolved(limit)
    do throws(SyscallError) {
      try write(limit.file, limit.value)
    } catch {
      if limit.isTrial && error.errno == .EINVAL { return }
      if limit.isOptional && (error.errno == .ENOENT || error.errno == .EOPNOTSUPP) { return }
      throw describe(limit, error.errno)
    }
  }

  /// The file that this kernel has, of the two that mean the same.
  func resolved(_ limit: CgroupWrite) -> CgroupWrite {
    guard let other = limit.alternative else { return limit }
    do throws(SyscallError) {
      _ = try directory.status(ofEntry: limit.file)
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
    do throws(SyscallError) { used = try read(file) } catch { return }
    if let used = used.split(on: 0x0a)[0].unsignedDecimal, wanted <= used {
      throw CgroupError(
        "limit " + limit.value + " is not above the " + ByteString(decimal: used)
          + " bytes in use", at: limit.pointer)
    }
  }

  /// Without the kernel's own text, which engines would take for the fate of the program.
  private func describe(_ limit: CgroupWrite, _ errno: Errno) -> CgroupError {
    let text = "`" + limit.value.escaped(limit: 64) + "` for " + limit.file
    switch errno {
    case .ENOENT:
      if let reason = missingReason(limit.controller) {
        return CgroupError(reason, at: limit.pointer)
      }
      return CgroupError("the kernel has no cgroup file " + limit.file, at: limit.pointer)
    case .EACCES, .EPERM, .EROFS:
      return CgroupError(
        "the cgroup `" + path.text + "` is not ours to limit: writing " + limit.file
          + " failed with " + errno.symbol, at: limit.pointer)
    case .EINVAL, .ERANGE:
      return CgroupError("the kernel refuses " + text + " with " + errno.symbol, at: limit.pointer)
    case .ENODEV:
      return CgroupError("there is no such device: " + text, at: limit.pointer)
    default:
      return CgroupError(
        "writing " + text + " failed with " + (errno.symbol.isEmpty ? errno.text : errno.symbol),
        at: limit.pointer)
    }
  }
}

// Controllers reach a cgroup only where every ancestor passes them on.
extension Cgroup {
  /// Those that measure as well as limit: engines read their files whether a limit was set or not.
  private static var wanted: [ByteString] { ["cpu", "io", "memory", "pids"] }

  /// Asks each ancestor to pass controllers on. What cannot be had shows when a limit is written.
  static func enableControllers(for limits: [CgroupWrite], _ ancestors: [SharedDescriptor])
    throws(SyscallError)
  {
    var wanted = Cgroup.wanted
    for limit in limits {
      if let name = limit.controller, !wanted.contains(name) { wanted.append(name) }
    }
    guard let parent = ancestors.last else { return }
    let passed = try Cgroup.words("cgroup.subtree_control", in: parent.handle)
    if wanted.allSatisfy({ passed.contains($0) }) { return }
    for ancestor in ancestors {
      let available = try Cgroup.words("cgroup.controllers", in: ancestor.handle)
      wanted = wanted.filter { available.contains($0) }
      if wanted.isEmpty { return }
      let passed = try Cgroup.words("cgroup.subtree_control", in: ancestor.handle)
      let missing = wanted.filter { !passed.contains($0) }
      if missing.isEmpty { continue }
      // A cgroup with processes passes nothing on (EBUSY); asked for single controllers, it might
      // become a threaded one instead.
      if let error = Cgroup.passOn(missing, from: ancestor.handle), error != .EBUSY {
        for name in missing { _ = Cgroup.passOn([name], from: ancestor.handle) }
      }
    }
  }

  /// The same for a cgroup that exists. What cannot be had shows when a limit is written.
  func enableControllers(for limits: [CgroupWrite]) {
    do throws(SyscallError) {
      let here = try Cgroup.words("cgroup.controllers", in: directory)
      let needed = limits.compactMap { $0.controller }
      if needed.allSatisfy({ here.contains($0) }) { return }
      var ancestors = [root]
      for depth in path.components.indices.dropFirst() {
        ancestors.append(
          SharedDescriptor(
            try root.handle.open(
              path.ancestor(depth), [.directory], resolve: CgroupTree.resolve)))
      }
      try Cgroup.enableControllers(for: limits, ancestors)
    } catch {}
  }

  /// nil if it does.
  private static func passOn(_ controllers: [ByteString], from ancestor: Handle) -> Errno? {
    do throws(SyscallError) {
      let text = controllers.map { "+" + $0 }.joined(by: " ")
      let file = try ancestor.open(
        "cgroup.subtree_control", .writeOnly, resolve: CgroupTree.resolve)
      try file.handle.writeOnce(text)
      return nil
    } catch {
      return error.errno
    }
  }

  private static func words(_ file: ByteString, in directory: Handle) throws(SyscallError)
    -> [ByteString]
  {
    let file = try directory.open(file, .readOnly, resolve: CgroupTree.resolve)
    let text = ByteString(try file.handle.readAll(limit: 65536))
    return text.split(on: 0x0a)[0].split(on: 0x20).filter { !$0.isEmpty }
  }

  /// Which ancestor keeps a controller from this cgroup, and what to do; nil if none does.
  private func missingReason(_ controller: ByteString?) -> ByteString? {
    guard let controller else { return nil }
    let name = controller.escaped(limit: 32)
    do throws(SyscallError) {
      if try Cgroup.words("cgroup.controllers", in: directory).contains(controller) { return nil }
      guard try Cgroup.words("cgroup.controllers", in: root.handle).contains(controller) else {
        return "cgroup controller " + name + " is not available: this host has it on no cgroup2 "
          + "hierarchy (a cgroup v1 mount or the kernel's command line may hold it)"
      }
      for depth in 0..<path.components.count {
        let ancestor =
          depth == 0
          ? root
          : SharedDescriptor(
            try root.handle.open(
              path.ancestor(depth), [.path, .directory], resolve: CgroupTree.resolve))
        let passed = try Cgroup.words("cgroup.subtree_control", in: ancestor.handle)
        if passed.contains(controller) { continue }
        return "cgroup controller " + name + " is not available: `/" + path.ancestor(depth)
          + "` does not pass it on (write +" + name + " to its cgroup.subtree_control; a cgroup "
          + "that has processes itself cannot)"
      }
    } catch {}
    return nil
  }
}

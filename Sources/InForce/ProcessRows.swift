import Bytes
package import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Seccomp

// What `process` and the rest say of init itself.
extension Subject {
  func add(_ files: ProcessFiles, to list: inout RowList) {
    addUser(files, to: &list)
    addCapabilities(files, to: &list)
    let identity = plan.exec.identity
    list.add(
      "/process/noNewPrivileges", "no_new_privs", identity.noNewPrivileges ? "1" : "0",
      files.field("NoNewPrivs"),
      // What a filter or the program sets beyond it is no loss.
      isSame: identity.noNewPrivileges ? nil : true)
    for label in identity.labels {
      let (member, wanted, file) = label.place
      let found = files.text(file) ?? files.text("attr/current")
      list.add(
        "/process/" + member, "label", wanted, found.map { $0.split(on: 0x0a)[0] },
        isSame: !hasStarted || found.map { SecurityLabel.isShown(wanted, as: $0) } ?? false,
        note: hasStarted ? "" : "set when the program is executed")
    }
    // A line for each resource in the order of their numbers, below a title (proc_pid_limits(5)).
    let limits = files.text("limits")?.split(on: 0x0a)
    for (index, limit) in identity.limits.enumerated() {
      let line = Int(limit.resource) + 1
      let words = limits.flatMap {
        $0.count > line ? ProcessFiles.words($0[line].dropFirst(26)) : nil
      }
      list.add(
        "/process/rlimits/" + ByteString(decimal: index), limit.name,
        range(limit.soft, limit.hard), words.map { $0.prefix(2).map { $0 }.joined(by: "/") })
    }
    list.add(
      "/process/oomScoreAdj", "oom_score_adj",
      identity.oomScoreAdjustment.map { ByteString(decimal: $0) },
      files.text("oom_score_adj").map { $0.split(on: 0x0a)[0] })
    addScheduling(files, to: &list)
    addFilter(files, to: &list)
  }

  private func addUser(_ files: ProcessFiles, to list: inout RowList) {
    let user = plan.exec.identity.user
    // The real one: status has real, effective, saved and filesystem ids, as our user namespace has them.
    func id(_ field: ByteString) -> ByteString? {
      files.words(field).map { Array($0.prefix(2)).joined(by: " ") }
    }
    let maps = plan.namespaces.idMaps
    // The maps of a namespace that is joined are its own.
    let isForeign = plan.namespaces.has(.user) && maps == nil
    let uid = isForeign ? nil : maps.map { $0.hostUser(user.user) } ?? user.user
    let gid = isForeign ? nil : maps.map { $0.hostGroup(user.group) } ?? user.group
    func twice(_ id: UInt32?) -> ByteString? {
      id.map { ByteString(decimal: $0) + " " + ByteString(decimal: $0) }
    }
    let own: ByteString = "the program may change it itself"
    for (member, field, wanted) in [("uid", "Uid", twice(uid)), ("gid", "Gid", twice(gid))]
      as [(ByteString, ByteString, ByteString?)]
    {
      let found = id(field)
      list.add(
        "/process/user/" + member, member + ", real and effective, on the host", wanted, found,
        note: wanted == found ? "" : own)
    }
    let groups = user.additionalGroups.compactMap { group in
      maps.map { $0.hostGroup(group) } ?? group
    }
    let wanted = groups.sorted().map { ByteString(decimal: $0) }.joined(by: " ")
    let found = files.field("Groups")
    list.add(
      "/process/user/additionalGids", "supplementary groups",
      user.keepsGroups || isForeign || user.mayLackGroups && groups.isEmpty ? nil : wanted, found,
      note: wanted == found ? "" : own)
    let umask = ByteString(octal: user.umask)
    let mask = files.field("Umask").map { ByteString(octal: octal($0)) }
    list.add(
      "/process/user/umask", "umask", umask, mask, note: umask == mask ? "" : own)
  }

  private func octal(_ text: ByteString) -> UInt32 {
    text.bytes.reduce(0) { $0 &* 8 &+ UInt32($1 & 7) }
  }

  private func addCapabilities(_ files: ProcessFiles, to list: inout RowList) {
    let configured = plan.exec.identity.capabilities
    let wanted =
      hasStarted && plan.exec.program != nil
      ? configured.afterExecve(byRoot: plan.exec.identity.user.user == 0) : configured
    let sets: [(ByteString, ByteString, UInt64, UInt64)] = [
      ("bounding", "CapBnd", configured.bounding, wanted.bounding),
      ("effective", "CapEff", configured.effective, wanted.effective),
      ("inheritable", "CapInh", configured.inheritable, wanted.inheritable),
      ("permitted", "CapPrm", configured.permitted, wanted.permitted),
      ("ambient", "CapAmb", configured.ambient, wanted.ambient),
    ]
    for (member, field, asked, wanted) in sets {
      let found = files.field(field).map { hexadecimal($0) }
      // What a filter without no_new_privs needs until execve.
      let kept = hasStarted || member == "bounding" ? 0 : plan.exec.keptCapabilities
      var note: ByteString = ""
      if let found, found & ~kept != wanted {
        let (more, less) = (found & ~wanted & ~kept, wanted & ~found)
        note = [
          more == 0 ? "" : "more: " + FlagNames.capabilities(more),
          less == 0 ? "" : "less: " + FlagNames.capabilities(less),
          more == 0 ? "a program may give them up" : "",
        ].filter { !$0.isEmpty }.joined(by: "; ")
      } else if asked != wanted {
        note = "execve makes it of the other sets; configured: " + FlagNames.capabilities(asked)
      }
      list.add(
        "/process/capabilities/" + member, member + " capabilities",
        FlagNames.capabilities(wanted), found.map { FlagNames.capabilities($0 & ~kept) }, note: note
      )
    }
  }

  func hexadecimal(_ text: ByteString) -> UInt64 {
    text.bytes.reduce(0) { $0 << 4 | UInt64(hexadecimalValue($1) ?? 0) }
  }

  private func addScheduling(_ files: ProcessFiles, to list: inout RowList) {
    let identity = plan.exec.identity
    let found = read { () throws(SyscallError) in try Scheduling.attributes(of: process.pid) }
    let text = found.map { $0.text.dropFirst(1) }
    var isSame: Bool?
    if let wanted = identity.scheduler?.attributes, let found {
      isSame =
        wanted.policy == found.policy && wanted.priority == found.priority
        && wanted.runtime == found.runtime && wanted.deadline == found.deadline
        // Only the policies of the fair scheduler have it; the kernel's default for a period is the deadline.
        && (wanted.policy != 0 && wanted.policy != 3 || wanted.nice == found.nice)
    }
    list.add(
      "/process/scheduler", "scheduler", identity.scheduler.map { $0.attributes.text.dropFirst(1) },
      text, isSame: isSame)
    if let wanted = identity.ioPriority {
      let found = read { () throws(SyscallError) in try Scheduling.ioPriority(of: process.pid) }
      list.add(
        "/process/ioPriority", "I/O priority", FlagNames.ioPriority(wanted.value),
        found.map { FlagNames.ioPriority($0) })
    }
    if let wanted = plan.exec.personality {
      let found = files.text("personality").map {
        UInt32(truncatingIfNeeded: hexadecimal($0.split(on: 0x0a)[0]))
      }
      list.add(
        "/linux/personality", "execution domain", FlagNames.personality(wanted.domain),
        found.map { FlagNames.personality($0 & 0xff) })
    }
    if let wanted = plan.exec.memoryPolicy, hasStarted {
      // Of the first mapping, which has none of its own.
      let words = files.text("numa_maps").map { ProcessFiles.words($0.split(on: 0x0a)[0]) }
      let found = words.flatMap { $0.count > 1 ? $0[1] : nil }
      let name = wanted.modeNames.split(on: UInt8(ascii: "|"))[0]
      let short = name.dropFirst(5).lowercased
      list.add(
        "/linux/memoryPolicy", "memory policy", name, found,
        isSame: found.map {
          $0.hasPrefix(short) || $0.hasPrefix("prefer") && name.hasPrefix("MPOL_PREFERRED")
        })
    }
  }

  private func addFilter(_ files: ProcessFiles, to list: inout RowList) {
    let hasFilter = plan.exec.seccomp != nil
    let isLoaded = hasStarted || plan.exec.seccomp?.usesNotify == true
    let mode = files.field("Seccomp")
    let number = files.field("Seccomp_filters")
    let names: [ByteString] = ["none", "strict", "filter"]
    let found = mode.map { mode in
      let name = mode.unsignedDecimal.flatMap { $0 < 3 ? names[Int($0)] : nil } ?? mode
      return mode == "2" && number != nil ? name + ", " + (number ?? "") + " of them" : name
    }
    list.add(
      "/linux/seccomp", "seccomp", hasFilter ? "filter" : nil, found,
      isSame: !hasFilter || !isLoaded || mode == "2",
      note: hasFilter && !isLoaded ? "loaded when the program is executed" : "")
  }

  private func range(_ soft: UInt64, _ hard: UInt64) -> ByteString {
    func text(_ value: UInt64) -> ByteString {
      value == .max ? "unlimited" : ByteString(decimal: value)
    }
    return text(soft) + "/" + text(hard)
  }

  func read<Value>(_ body: () throws(SyscallError) -> Value) -> Value? {
    do throws(SyscallError) { return try body() } catch { return nil }
  }
}

extension CapabilityPlan {
  /// What execve(2) makes of the sets for a program without rights of its own (capabilities(7)).
  package func afterExecve(byRoot: Bool) -> CapabilityPlan {
    var plan = self
    plan.permitted = byRoot ? bounding | inheritable : ambient
    plan.effective = plan.permitted
    return plan
  }
}

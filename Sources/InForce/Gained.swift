import Bytes
import Cgroups
import Identity
package import Linux
import Namespaces
import Plan
import Rootfs

// A container that was made of files. They are not believed: no process in it may have more than a program of
// this configuration can get for itself.
extension Subject {
  /// Init and its descendants, by their numbers. Nothing of them may run meanwhile.
  package func family() throws(SyscallError) -> [Int32] {
    let procfs = SharedDescriptor(try Procfs.openHost())
    var family = [process.pid]
    var next = 0
    while next < family.count {
      let path = ByteString(decimal: family[next]) + "/task"
      next += 1
      let tasks = try procfs.handle.open(path, [.readOnly, .directory])
      for task in try tasks.handle.entries() {
        let file = try tasks.handle.open(task.name + "/children", .readOnly)
        for child in ByteString(try file.handle.readKernelFile()).split(on: 0x20) {
          if let pid = child.unsignedDecimal.flatMap({ Int32(exactly: $0) }) { family.append(pid) }
        }
      }
    }
    return family
  }

  /// What is more than the configuration gives, or less confined: the first process that has it, then what its
  /// namespaces and mounts are. Each row says what in words.
  package func gained(_ family: [Int32]) throws(SyscallError) -> [InForceRow] {
    var list = RowList()
    let procfs = SharedDescriptor(try Procfs.openHost())
    let may = Reachable(plan)
    for pid in family {
      let directory = try procfs.handle.open(ByteString(decimal: pid), [.path, .directory])
      let tasks = try directory.handle.open("task", [.readOnly, .directory])
      // Each thread has rights of its own.
      for task in try tasks.handle.entries() {
        let files = try ProcessFiles(
          SharedDescriptor(try tasks.handle.open(task.name, [.path, .directory])))
        // What has ended does not run any more.
        if files.words("State")?.first == "Z" { continue }
        addRights(files, may, to: &list)
        let number = task.name.unsignedDecimal.flatMap { Int32(exactly: $0) }
        if let number { addScheduling(number, may, to: &list) }
        try addConfinement(files, pid, may, to: &list)
      }
      if !Subject.drift(list.rows).isEmpty { return Subject.drift(list.rows) }
    }
    try addPlace(may, to: &list)
    return Subject.drift(list.rows).filter { !$0.pointer.hasPrefix("/linux/devices") }
  }

  private func addPlace(_ may: Reachable, to list: inout RowList) throws(SyscallError) {
    let files = try ProcessFiles(process)
    addIDMaps(files, to: &list)
    let inside = InsideView.look(self)
    addDescriptors(files, inside, to: &list)
    // What may mount may have mounted anything.
    if may.has("CAP_SYS_ADMIN") { return }
    addMounts(inside, to: &list)
  }

  private func addRights(_ files: ProcessFiles, _ may: Reachable, to list: inout RowList) {
    let identity = plan.exec.identity
    if identity.noNewPrivileges {
      list.add("/process/noNewPrivileges", "no_new_privs", "1", files.field("NoNewPrivs"))
    }
    if plan.exec.seccomp != nil {
      list.add("/linux/seccomp", "seccomp mode", "2", files.field("Seccomp"))
    }
    for (field, most) in may.sets {
      let more = files.field(field).map { hexadecimal($0) & ~most }
      let names = more.map { $0 == 0 ? "" : FlagNames.capabilities($0) }
      list.add(
        "/process/capabilities/bounding", "more capabilities (" + field + ")", "", names,
        isSame: more == 0)
    }
    addIDs(files, may, to: &list)
    for label in identity.labels {
      let (member, wanted, file) = label.place
      let found = files.text(file) ?? files.text("attr/current")
      list.add(
        "/process/" + member, "label", wanted, found.map { $0.split(on: 0x0a)[0] },
        isSame: found.map { SecurityLabel.isShown(wanted, as: $0) } ?? false)
    }
    if may.has("CAP_SYS_RESOURCE") { return }
    let least = min(
      identity.oomScoreAdjustment.map { Int64($0) } ?? 0, number("/proc/self/oom_score_adj"))
    let score = files.text("oom_score_adj").map { $0.split(on: 0x0a)[0] }
    list.add(
      "/process/oomScoreAdj", "oom_score_adj", ByteString(decimal: least), score,
      isSame: score.map { signed($0) >= least } ?? false)
    let limits = files.text("limits")?.split(on: 0x0a)
    for (index, limit) in identity.limits.enumerated() {
      let line = Int(limit.resource) + 1
      let words = limits.flatMap {
        $0.count > line ? ProcessFiles.words($0[line].dropFirst(26)) : nil
      }
      guard let hard = words?.dropFirst().first else { continue }
      list.add(
        "/process/rlimits/" + ByteString(decimal: index), "hard " + limit.name,
        ByteString(decimal: limit.hard), hard,
        isSame: (hard.unsignedDecimal ?? .max) <= limit.hard)
    }
  }

  private func number(_ path: ByteString) -> Int64 {
    let text = read { () throws(SyscallError) in
      let file = try Handle.currentDirectory.open(path, .readOnly)
      return ByteString(try file.handle.readKernelFile()).split(on: 0x0a)[0]
    }
    return text.map { signed($0) } ?? 0
  }

  private func signed(_ text: ByteString) -> Int64 {
    if text.hasPrefix("-") { return -signed(text.dropFirst(1)) }
    return text.unsignedDecimal.flatMap { Int64(exactly: $0) } ?? 0
  }

  /// Numbers as the host has them; those of a user namespace that is joined are not known.
  private func addIDs(_ files: ProcessFiles, _ may: Reachable, to list: inout RowList) {
    let user = plan.exec.identity.user
    let maps = plan.namespaces.idMaps
    if plan.namespaces.has(.user), maps == nil { return }
    func add(_ member: ByteString, _ field: ByteString, _ ids: [UInt32?]) {
      let allowed = ids.compactMap { $0.map { ByteString(decimal: $0) } }
      let found = files.words(field)
      list.add(
        "/process/user/" + member, member, allowed.joined(by: " "), found?.joined(by: " "),
        isSame: found.map { $0.allSatisfy { allowed.contains($0) } } ?? false)
    }
    if !may.changesUser { add("uid", "Uid", [maps.map { $0.hostUser(user.user) } ?? user.user]) }
    let group = maps.map { $0.hostGroup(user.group) } ?? user.group
    let groups = user.additionalGroups.map { group in maps.map { $0.hostGroup(group) } ?? group }
    if !may.changesGroup { add("gid", "Gid", [group] + groups) }
    if !may.has("CAP_SETGID"), !user.keepsGroups, !user.mayLackGroups {
      add("additionalGids", "Groups", [group] + groups)
    }
  }

  private func addScheduling(_ task: Int32, _ may: Reachable, to list: inout RowList) {
    if may.has("CAP_SYS_NICE") { return }
    let found = read { () throws(SyscallError) in try Scheduling.attributes(of: task) }
    let own = read { () throws(SyscallError) in try Scheduling.attributes() }
    let wanted = plan.exec.identity.scheduler?.attributes ?? own
    guard let found, let wanted else { return }
    // SCHED_OTHER, SCHED_BATCH and SCHED_IDLE differ in who waits, the others take the processor from all.
    let isSame =
      [0, 3, 5].contains(found.policy)
      ? found.nice >= min(wanted.nice, own?.nice ?? 0)
      : found.policy == wanted.policy && found.priority <= wanted.priority
    list.add(
      "/process/scheduler", "scheduler", wanted.text.dropFirst(1), found.text.dropFirst(1),
      isSame: isSame)
  }

  /// Init is in the very namespaces; another process may be in some that it made, if it may make any, but not
  /// in the host's.
  private func addConfinement(
    _ files: ProcessFiles, _ pid: Int32, _ may: Reachable, to list: inout RowList
  ) throws(SyscallError) {
    let ofInit = "/proc/" + ByteString(decimal: process.pid) + "/ns/"
    for kind in NamespaceKind.allCases where kind != .time {
      let isInner = plan.namespaces.has(kind)
      // With none of its own, one was made to restore in.
      if kind == .mount, !isInner { continue }
      guard let status = namespace(files, kind) else { continue }
      let isOurs = isSame(status, "/proc/self/ns/" + kind.file)
      var isRight =
        plan.namespaces.join(of: kind).map { isSame(status, $0.path) }
        ?? (isInner != isOurs)
      if pid != process.pid {
        isRight =
          isSame(status, ofInit + kind.file) || may.has("CAP_SYS_ADMIN") && !(isInner && isOurs)
      }
      list.add(
        "/linux/namespaces", kind.name + " namespace", isInner ? "its own" : "the host's",
        isOurs ? "the host's" : "another", isSame: isRight)
    }
    guard let cgroup else { return }
    let path = try HostFacts.readCgroup(of: pid)
    list.add(
      "/linux/cgroupsPath", "cgroup", cgroup.location, path,
      isSame: path == cgroup.location || path.hasPrefix(cgroup.location + "/"))
  }
}

/// What a program of a configuration can get for itself.
private struct Reachable {
  let sets: [(field: ByteString, most: UInt64)]
  private let most: UInt64
  private let hasSetUserIDFiles: Bool

  init(_ plan: CreatePlan) {
    let identity = plan.exec.identity
    let planned = identity.capabilities
    hasSetUserIDFiles = !identity.noNewPrivileges
    // With no_new_privs a file adds nothing.
    most =
      hasSetUserIDFiles || identity.user.user == 0
      ? planned.bounding | planned.permitted | planned.effective | planned.inheritable
        | planned.ambient
      : planned.permitted | planned.effective | planned.ambient
    let inheritable = most | planned.inheritable
    sets = [
      ("CapBnd", planned.bounding), ("CapInh", inheritable), ("CapPrm", most), ("CapEff", most),
      ("CapAmb", most),
    ]
  }

  func has(_ name: ByteString) -> Bool {
    Capability.number(of: name).map { most >> UInt64($0) & 1 != 0 } ?? false
  }

  var changesUser: Bool { hasSetUserIDFiles || has("CAP_SETUID") }
  var changesGroup: Bool { hasSetUserIDFiles || has("CAP_SETGID") }
}

extension SecurityLabel {
  /// Its member of `process`, what it is, and the file that shows it.
  var place: (member: ByteString, text: ByteString, file: ByteString) {
    switch self {
    case .appArmor(let profile): ("apparmorProfile", profile, "attr/apparmor/current")
    case .seLinux(let label): ("selinuxLabel", label, "attr/current")
    }
  }
}

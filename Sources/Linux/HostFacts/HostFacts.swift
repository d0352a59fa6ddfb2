package import Bytes
import CShim

/// Where the host keeps cgroup v2.
package enum CgroupHost: Equatable, Sendable {
  /// The cgroup2 filesystem alone, mounted here.
  case unified(mountPoint: ByteString)
  /// Version 1 controllers, and beside them a cgroup2 filesystem, mounted here.
  case hybrid(mountPoint: ByteString)
  case none

  package var mountPoint: ByteString? {
    switch self {
    case .unified(let path), .hybrid(let path): path
    case .none: nil
    }
  }
}

/// What planning needs to know about the host, read once and passed in, so that a plan is a function
/// of its arguments and a test can call it with the facts of any machine.
package struct HostFacts: Sendable, Equatable {
  package var kernel: KernelVersion
  package var effectiveUserID: UInt32
  package var effectiveGroupID: UInt32
  /// Whether the runtime is in a user namespace other than the initial one: its uid map is not the identity.
  package var isInUserNamespace: Bool
  package var cgroup: CgroupHost
  /// Our own cgroup on the cgroup2 hierarchy, below its mount point: `/user.slice`, or `/`.
  package var ownCgroup: ByteString
  /// The highest capability number that the kernel knows.
  package var lastCapability: Int
  /// Bit n for each capability that the runtime can grant.
  package var permittedCapabilities: UInt64

  package init(
    kernel: KernelVersion, effectiveUserID: UInt32, effectiveGroupID: UInt32,
    isInUserNamespace: Bool, cgroup: CgroupHost, ownCgroup: ByteString, lastCapability: Int,
    permittedCapabilities: UInt64
  ) {
    self.kernel = kernel
    self.effectiveUserID = effectiveUserID
    self.effectiveGroupID = effectiveGroupID
    self.isInUserNamespace = isInUserNamespace
    self.cgroup = cgroup
    self.ownCgroup = ownCgroup
    self.lastCapability = lastCapability
    self.permittedCapabilities = permittedCapabilities
  }

  /// Not root in the initial user namespace: another user id, or another user namespace.
  package var isRootless: Bool { effectiveUserID != 0 || isInUserNamespace }

  /// Whether setns(2) is permitted for every namespace of the machine.
  package var mayJoinNamespaces: Bool {
    !isRootless && permittedCapabilities & Capability.systemAdministration != 0
  }
}

extension HostFacts {
  /// The facts of the machine that we run on.
  @inline(never)
  package static func read() throws(SyscallError) -> HostFacts {
    let user = Credentials.effectiveUserID
    return HostFacts(
      kernel: try readKernelVersion(), effectiveUserID: user,
      effectiveGroupID: Credentials.effectiveGroupID,
      isInUserNamespace: try readIsInUserNamespace(), cgroup: try readCgroupHost(),
      ownCgroup: try readCgroup(of: "self"), lastCapability: readLastCapability(),
      permittedCapabilities: try CapabilitySets.current().permitted)
  }

  private static func readFile(_ path: ByteString) throws(SyscallError) -> [UInt8] {
    let file = try Handle.currentDirectory.open(path, .readOnly)
    return try file.handle.readKernelFile()
  }

  private static func readKernelVersion() throws(SyscallError) -> KernelVersion {
    let release = try unsafe readFromKernel(65, "uname") { buffer in
      let answer = unsafe apus_uname_release(buffer, 65)
      return answer < 0 ? answer : 65
    }
    // `6.18.0-rc1`, `5.10`.
    var numbers: [UInt64] = [0, 0]
    var place = 0
    for byte in release where place < 2 {
      if byte >= 0x30, byte <= 0x39 {
        numbers[place] = numbers[place] &* 10 &+ UInt64(byte - 0x30)
      } else {
        place = byte == UInt8(ascii: ".") ? place + 1 : 2
      }
    }
    return KernelVersion(numbers[0], numbers[1])
  }

  /// The map of the initial one is one line: `0 0 4294967295`, with spaces before each number. No other line
  /// has these digits, since no number begins with a zero.
  ///
  /// Asked only if the namespace does not have the number that the initial one has on every machine: a link is read
  /// in a third of the time.
  private static func readIsInUserNamespace() throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      if try Handle.currentDirectory.readLink("/proc/self/ns/user") == "user:[4026531837]" {
        return false
      }
    } catch {}
    return ByteString(try readFile("/proc/self/uid_map").filter { $0 != 0x20 }) != "004294967295\n"
  }

  /// The places where distributions mount it are looked at first: mountinfo is long on a busy host.
  private static func readCgroupHost() throws(SyscallError) -> CgroupHost {
    if isCgroup2("/sys/fs/cgroup") { return .unified(mountPoint: "/sys/fs/cgroup") }
    if isCgroup2("/sys/fs/cgroup/unified") { return .hybrid(mountPoint: "/sys/fs/cgroup/unified") }
    let info = try readFile("/proc/self/mountinfo")
    return cgroupHost(mountInfo: ByteString(info))
  }

  private static func isCgroup2(_ path: ByteString) -> Bool {
    do throws(SyscallError) {
      let directory = try Handle.currentDirectory.open(path, [.path, .directory])
      return try directory.handle.filesystem().type == FilesystemStatus.cgroup2
    } catch {
      return false
    }
  }

  /// The first cgroup2 mount of a mountinfo file (proc_pid_mountinfo(5)).
  @inline(never)
  package static func cgroupHost(mountInfo: ByteString) -> CgroupHost {
    let mounts = MountInfo.parse(mountInfo.bytes)
    let found = mounts.first { $0.type == "cgroup2" }?.mountPoint
    let hasVersion1 = mounts.contains { $0.type == "cgroup" }
    guard let found else { return .none }
    return hasVersion1 ? .hybrid(mountPoint: found) : .unified(mountPoint: found)
  }

  /// The cgroup of another process on the cgroup2 hierarchy, below its mount point.
  package static func readCgroup(of pid: Int32) throws(SyscallError) -> ByteString {
    try readCgroup(of: ByteString(decimal: pid))
  }

  private static func readCgroup(of process: ByteString) throws(SyscallError) -> ByteString {
    cgroup2(of: try readFile("/proc/" + process + "/cgroup")[...])
  }

  /// What a line `0::PATH` of cgroups(7) says.
  private static func cgroup2(of text: ArraySlice<UInt8>) -> ByteString {
    var rest = text
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      if line.count > 3, line[line.startIndex] == 0x30, line[line.startIndex + 1] == 0x3a,
        line[line.startIndex + 2] == 0x3a
      {
        return ByteString(line.dropFirst(3))
      }
      rest = end == rest.endIndex ? [] : rest[(end + 1)...]
    }
    return "/"
  }

  private static func readLastCapability() -> Int {
    // PR_CAPBSET_READ knows every capability of the kernel; 40 is the last one since Linux 5.9.
    var last = 40
    while apus_prctl(APUS_PR_CAPBSET_READ, UInt64(last + 1), 0, 0, 0) >= 0 { last += 1 }
    while last > 0 && apus_prctl(APUS_PR_CAPBSET_READ, UInt64(last), 0, 0, 0) < 0 { last -= 1 }
    return last
  }
}

package import Bytes
import CShim

/// One instruction of a BPF program (Documentation/bpf/standardization/instruction-set.rst).
package struct BPFInstruction: Equatable, Sendable {
  package let code: UInt8
  package let target: UInt8
  package let source: UInt8
  package let offset: Int16
  package let immediate: Int32

  package init(
    _ code: UInt8, target: UInt8 = 0, source: UInt8 = 0, offset: Int16 = 0, immediate: Int32 = 0
  ) {
    self.code = code
    self.target = target
    self.source = source
    self.offset = offset
    self.immediate = immediate
  }

  /// As the kernel reads it on a little-endian machine.
  fileprivate var encoded: UInt64 {
    UInt64(code) | UInt64(target & 15 | source << 4) << 8
      | UInt64(UInt16(bitPattern: offset)) << 16
      | UInt64(UInt32(bitPattern: immediate)) << 32
  }
}

/// Device filters on cgroups (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).
package enum BPF {
  private static let deviceProgram = UInt32(APUS_BPF_PROG_TYPE_CGROUP_DEVICE)
  private static let deviceAttachment = UInt32(APUS_BPF_CGROUP_DEVICE)
  private static let allowMulti = UInt32(APUS_BPF_F_ALLOW_MULTI)
  private static let replace = UInt32(APUS_BPF_F_REPLACE)

  /// Loads a program for BPF_CGROUP_DEVICE. EPERM also means, before Linux 5.11, that the program
  /// does not fit into RLIMIT_MEMLOCK.
  package static func loadDeviceProgram(_ program: [BPFInstruction]) throws(SyscallError)
    -> FileDescriptor
  {
    let code = program.map { $0.encoded }
    let license: ByteString = "Apache-2.0"
    let answer = unsafe code.withUnsafeBufferPointer { code in
      unsafe license.withCString { license in
        var attributes = Attributes(size: 64)
        attributes.set(0, deviceProgram)
        attributes.set(4, UInt32(code.count))
        attributes.set(8, UInt64(UInt(bitPattern: code.baseAddress)))
        attributes.set(16, UInt64(UInt(bitPattern: license)))
        attributes.set(48, name: "apus_device")
        return attributes.call(APUS_BPF_PROG_LOAD)
      }
    }
    return FileDescriptor(owning: Int32(try check(answer, "bpf", "BPF_PROG_LOAD")))
  }

  /// Attaches `program` beside the others of this cgroup and of its ancestors (BPF_F_ALLOW_MULTI),
  /// replacing `old` if that is given.
  package static func attachDeviceProgram(
    _ program: Handle, to cgroup: Handle, replacing old: Handle?
  )
    throws(SyscallError)
  {
    var attributes = Attributes(size: 20)
    attributes.set(0, UInt32(bitPattern: cgroup.raw))
    attributes.set(4, UInt32(bitPattern: program.raw))
    attributes.set(8, deviceAttachment)
    attributes.set(12, old == nil ? allowMulti : allowMulti | replace)
    attributes.set(16, UInt32(bitPattern: old?.raw ?? 0))
    try check(attributes.call(APUS_BPF_PROG_ATTACH), "bpf", "BPF_PROG_ATTACH")
  }

  /// BPF_PROG_DETACH of a device program. ENOENT if it is not attached.
  package static func detachDeviceProgram(_ program: Handle, from cgroup: Handle)
    throws(SyscallError)
  {
    var attributes = Attributes(size: 20)
    attributes.set(0, UInt32(bitPattern: cgroup.raw))
    attributes.set(4, UInt32(bitPattern: program.raw))
    attributes.set(8, deviceAttachment)
    try check(attributes.call(APUS_BPF_PROG_DETACH), "bpf", "BPF_PROG_DETACH")
  }

  /// The kernel's hash of a program's instructions (`prog_tag` of its fdinfo); empty where it shows none.
  package static func tag(of program: Handle) throws(SyscallError) -> ByteString {
    let path: ByteString = "/proc/self/fdinfo/" + ByteString(decimal: program.raw)
    let info = try Handle.currentDirectory.open(path, .readOnly)
    let lines = ByteString(try info.handle.readAll(limit: 4096)).split(on: 0x0a)
    return lines.first { $0.hasPrefix("prog_tag:\t") }?.dropFirst(10) ?? ""
  }

  /// The programs that are attached to this very cgroup, up to 64.
  package static func devicePrograms(of cgroup: Handle) throws(SyscallError) -> [SharedDescriptor] {
    var ids = [UInt32](repeating: 0, count: 64)
    var count = 0
    let answer = unsafe ids.withUnsafeMutableBufferPointer { ids in
      var attributes = Attributes(size: 28)
      attributes.set(0, UInt32(bitPattern: cgroup.raw))
      attributes.set(4, deviceAttachment)
      attributes.set(16, UInt64(UInt(bitPattern: ids.baseAddress)))
      attributes.set(24, UInt32(ids.count))
      let answer = attributes.call(APUS_BPF_PROG_QUERY)
      count = Int(attributes.number(24))
      return answer
    }
    try check(answer, "bpf", "BPF_PROG_QUERY")
    var programs = [SharedDescriptor]()
    for id in ids.prefix(count) {
      var attributes = Attributes(size: 12)
      attributes.set(0, id)
      let fd = try check(
        attributes.call(APUS_BPF_PROG_GET_FD_BY_ID), "bpf", "BPF_PROG_GET_FD_BY_ID")
      programs.append(SharedDescriptor(FileDescriptor(owning: Int32(fd))))
    }
    return programs
  }
}

/// `union bpf_attr`: numbers at the offsets that linux/bpf.h gives them.
private struct Attributes {
  private var bytes: [UInt8]

  init(size: Int) { bytes = [UInt8](repeating: 0, count: size) }

  mutating func set(_ offset: Int, _ value: some FixedWidthInteger) {
    bytes.replace(at: offset, littleEndian: value)
  }

  mutating func set(_ offset: Int, name: ByteString) {
    for (index, byte) in name.bytes.enumerated() { bytes[offset + index] = byte }
  }

  func number(_ offset: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: bytes[offset..<(offset + 4)].littleEndianNumber)
  }

  mutating func call(_ command: Int32) -> Int64 {
    let size = UInt32(bytes.count)
    return unsafe bytes.withUnsafeMutableBytes {
      unsafe apus_bpf(command, $0.baseAddress, size)
    }
  }
}

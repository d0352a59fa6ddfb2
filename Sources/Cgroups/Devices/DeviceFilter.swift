import Linux

/// A device program at a cgroup.
enum DeviceFilter {
  /// Replaces the device programs of the cgroup by `program`; the old ones stay until the new one is
  /// in force.
  static func attach(
    _ program: [BPFInstruction], to cgroup: Handle, isNew: Bool, isRootless: Bool
  ) throws(SyscallError) {
    do throws(SyscallError) {
      let loaded = SharedDescriptor(try load(program))
      let old = isNew ? [] : try BPF.devicePrograms(of: cgroup)
      try BPF.attachDeviceProgram(
        loaded.handle, to: cgroup, replacing: old.count == 1 ? old[0].handle : nil)
      if old.count > 1 {
        for program in old { try BPF.detachDeviceProgram(program.handle, from: cgroup) }
      }
    } catch {
      // No other filter than the kernel's own rights then, which do not let devices be made either.
      if isRootless && (error.errno == .EPERM || error.errno == .EACCES) { return }
      throw error
    }
  }

  /// Before Linux 5.11 programs count against the limit of locked memory, and EPERM says so.
  static func load(_ program: [BPFInstruction]) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try BPF.loadDeviceProgram(program)
    } catch {
      guard error.errno == .EPERM else { throw error }
      let lockedMemory: Int32 = 8
      let old = try ThisProcess.limit(lockedMemory)
      do throws(SyscallError) {
        try ThisProcess.setLimit(lockedMemory, soft: .max, hard: .max)
      } catch _ {
        throw error
      }
      let loaded: FileDescriptor
      do throws(SyscallError) {
        loaded = try BPF.loadDeviceProgram(program)
      } catch {
        try ThisProcess.setLimit(lockedMemory, soft: old.soft, hard: old.hard)
        throw error
      }
      try ThisProcess.setLimit(lockedMemory, soft: old.soft, hard: old.hard)
      return loaded
    }
  }
}

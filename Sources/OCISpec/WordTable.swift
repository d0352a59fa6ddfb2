package import Bytes
import JSON

/// The words that the property at `pointer` may be, nil where any text goes.
package func knownWords(at pointer: ByteString) -> [ByteString]? {
  WordTable.words(at: pointer)?.names
}

/// The words that a string of the configuration may be.
enum WordTable {
  /// For the property at `pointer`, in which every index counts as `*`; nil where any text goes.
  static func words(at pointer: ByteString) -> NameTable? {
    let steps = pointer.split(on: UInt8(ascii: "/")).map { $0.unsignedDecimal == nil ? $0 : "*" }
    let last = steps.count > 0 && steps[steps.count - 1] == "*" ? steps.count - 2 : steps.count - 1
    guard last > 0 else { return nil }
    let parent = last > 1 && steps[last - 1] == "*" ? steps[last - 2] : steps[last - 1]
    switch (parent, steps[last]) {
    case ("namespaces", "type"): return NameTable("pid network mount ipc uts user cgroup time")
    case ("rlimits", "type"): return limits
    case ("seccomp", "defaultAction"), ("syscalls", "action"): return actions
    case ("seccomp", "architectures"): return architectures
    case ("seccomp", "flags"):
      return NameTable(
        """
        SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW \
        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
        """)
    case ("args", "op"):
      return NameTable(
        """
        SCMP_CMP_NE SCMP_CMP_LT SCMP_CMP_LE SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_MASKED_EQ
        """)
    case ("linux", "rootfsPropagation"):
      return NameTable("private shared slave unbindable rprivate rshared rslave runbindable")
    case ("linux", "timeOffsets"): return NameTable("monotonic boottime")
    case ("devices", "type"):
      return steps.contains("resources") ? NameTable("a b c") : NameTable("b c u p")
    default: return process(parent, steps[last])
    }
  }

  private static func process(_ parent: ByteString, _ member: ByteString) -> NameTable? {
    switch (parent, member) {
    case ("scheduler", "policy"):
      NameTable(
        "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE")
    case ("scheduler", "flags"):
      NameTable(
        """
        SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN \
        SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS SCHED_FLAG_UTIL_CLAMP_MIN \
        SCHED_FLAG_UTIL_CLAMP_MAX
        """)
    case ("ioPriority", "class"):
      NameTable("IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE")
    case ("personality", "domain"): NameTable("LINUX LINUX32")
    case ("memoryPolicy", "mode"):
      NameTable(
        """
        MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED_MANY \
        MPOL_WEIGHTED_INTERLEAVE
        """)
    case ("memoryPolicy", "flags"):
      NameTable("MPOL_F_NUMA_BALANCING MPOL_F_RELATIVE_NODES MPOL_F_STATIC_NODES")
    default: nil
    }
  }

  private static var actions: NameTable {
    NameTable(
      """
      SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO \
      SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_NOTIFY
      """)
  }

  private static var architectures: NameTable {
    NameTable(
      """
      SCMP_ARCH_X86 SCMP_ARCH_X86_64 SCMP_ARCH_X32 SCMP_ARCH_ARM SCMP_ARCH_AARCH64 \
      SCMP_ARCH_MIPS SCMP_ARCH_MIPS64 SCMP_ARCH_MIPS64N32 SCMP_ARCH_MIPSEL SCMP_ARCH_MIPSEL64 \
      SCMP_ARCH_MIPSEL64N32 SCMP_ARCH_PPC SCMP_ARCH_PPC64 SCMP_ARCH_PPC64LE SCMP_ARCH_S390 \
      SCMP_ARCH_S390X SCMP_ARCH_PARISC SCMP_ARCH_PARISC64 SCMP_ARCH_RISCV64 \
      SCMP_ARCH_LOONGARCH64 SCMP_ARCH_M68K SCMP_ARCH_SH SCMP_ARCH_SHEB
      """)
  }

  private static var limits: NameTable {
    NameTable(
      """
      RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_LOCKS RLIMIT_MEMLOCK \
      RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_RSS RLIMIT_RTPRIO \
      RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK
      """)
  }
}

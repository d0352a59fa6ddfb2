package import Bytes
package import Hooks
package import Identity
package import Linux
package import Namespaces
package import Rootfs

/// One thing that init, or the process of an `exec`, does to itself before it is the program.
///
/// A step names what it works on; what it needs beside that (descriptors, the channel) belongs to
/// whoever performs it.
package indirect enum InitStep: Equatable, Sendable {
  case hideMemory
  case startSession
  case oomScore(Int32)
  case join(NamespaceKind)
  case joinAroundUser([NamespaceKind])
  case unshare([NamespaceKind])
  case meetForMaps
  case becomeRoot
  case rebirth(NamespaceFlags)
  case enterRoot
  case forgetArguments
  case leaveHost
  case sessionKeyring(ByteString)
  case loopback
  case rootMount
  case mount(MountPlan)
  case device(DevicePlan)
  case deviceLinks
  case workingDirectory(ByteString)
  case runtimeHooks
  case createContainerHooks([PlannedHook])
  case switchRoot
  case nullStreams
  case terminal(ProgramPlan.TerminalPlan)
  case controllingTerminal
  case finishMounts
  case hostNames
  case sysctl(SysctlPlan)
  case readonlyPath(ReadonlyPath)
  case maskedPaths([MaskedPath])
  case umask(UInt32)
  case label(SecurityLabel)
  case noNewPrivileges
  case affinity(AffinityPlan)
  case scheduler(SchedulerPlan)
  case ioPriority(IOPriorityPlan)
  case personality(PersonalityPlan)
  case memoryPolicy(MemoryPolicyPlan)
  case findProgram
  case ready
  case filter
  case sealDescriptors
  case enterWorkingDirectory(ByteString)
  case boundingSet
  case ownStreams
  case user
  case capabilities
  case checkProgram
  case awaitStart
  case startContainerHooks([PlannedHook])
  case announce
  case execute
  case executeUnderFilter
}

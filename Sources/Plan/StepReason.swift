package import Bytes

extension InitStep {
  /// Why the step stands where it stands in the order, in a sentence; `StepOrder` has the whole of it.
  package var reason: ByteString {
    switch self {
    case .hideMemory:
      "before anybody in a joined namespace can look at this process (CVE-2016-9962)"
    case .startSession: "before a terminal can become the controlling one"
    case .oomScore: "needs the host's /proc and rights over the machine"
    case .join, .joinAroundUser: "namespaces that exist come first: new ones belong inside them"
    case .unshare: "new ones are made by who is in the joined ones, and in the cgroup, already"
    case .meetForMaps: "ids mean nothing in the user namespace until the parent has mapped them"
    case .becomeRoot: "as soon as ids are mapped, and before anything is made with them"
    case .rebirth: "a pid or time namespace is entered by being born in it"
    case .sessionKeyring: "before keys can be looked up in the caller's"
    case .loopback: "in the new network namespace, with its rights"
    case .rootMount: "propagation before the first mount, or the host gets to see it"
    case .mount: "in the order of the configuration: a later one may lie on an earlier one"
    case .device, .deviceLinks: "after the mounts: a tmpfs on /dev would hide them"
    case .workingDirectory: "while the tree can still be written"
    case .runtimeHooks, .createContainerHooks:
      "with every namespace and mount made, and the host's root still in place"
    case .switchRoot: "when nothing of the host is needed any more"
    case .nullStreams: "the container's own /dev/null exists only now"
    case .terminal, .controllingTerminal: "needs the container's devpts"
    case .finishMounts: "nothing is created in the tree after this"
    case .sysctl: "while /proc/sys can be written: read-only paths cover it next"
    case .readonlyPath, .maskedPaths: "after the last write below them"
    default: lateReason
    }
  }

  private var lateReason: ByteString {
    switch self {
    case .umask: "late: what came before chose its modes itself"
    case .label: "needs a procfs that can be written"
    case .affinity: "after the move into the cgroup, whose cpuset decides what is left"
    case .scheduler, .ioPriority, .personality, .memoryPolicy:
      "needs rights that go next, and holds for all that is started later"
    case .findProgram: "while every path can be looked at; checked again as the user"
    case .ready: "limits and record, before others can find the process"
    case .noNewPrivileges: "before a filter that asks for it"
    case .sealDescriptors: "before the filter, which may forbid it"
    case .filter, .executeUnderFilter:
      "as late as the rights that it needs allow, so that few calls of the runtime must pass it"
    case .enterWorkingDirectory: "as root first: the user may not be able to walk there"
    case .boundingSet: "needs CAP_SETPCAP, so before capabilities go"
    case .ownStreams: "needs CAP_CHOWN"
    case .user: "groups, group, user: each needs rights that the next gives up"
    case .capabilities: "after the user: the kernel clears effective capabilities then"
    case .checkProgram: "as the user: the answer that execve will give"
    case .startContainerHooks: "with the program's rights: they are programs of the container"
    default: ""
    }
  }
}

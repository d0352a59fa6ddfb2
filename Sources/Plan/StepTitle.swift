package import Bytes
import Identity
import Namespaces
import Rootfs

extension InitStep {
  /// The step with its subject, for an error and for the plan as text.
  package var title: ByteString {
    switch self {
    case .hideMemory: "become non-dumpable"
    case .startSession: "start a session"
    case .oomScore(let score): "set oom_score_adj to " + ByteString(decimal: score)
    case .join(let kind): "join the " + kind.name + " namespace"
    case .joinAroundUser(let kinds): "join the namespaces " + names(kinds)
    case .unshare(let kinds): "make a " + names(kinds) + " namespace"
    case .meetForMaps: "meet the parent: id maps and clocks"
    case .becomeRoot: "become root of the user namespace"
    case .rebirth: "be cloned into new namespaces"
    case .enterRoot: "enter the root of a container without a mount namespace"
    case .forgetArguments: "wipe the command line and the environment"
    case .leaveHost: "close what is held of the host"
    case .sessionKeyring(let name): "join the session keyring `" + name + "`"
    case .loopback: "bring up the loopback interface"
    case .rootMount: "mount the root filesystem"
    case .mount(let plan): plan.title
    case .device(let plan): plan.title
    case .deviceLinks: "create the links of /dev"
    case .workingDirectory(let path): "create the working directory `" + path + "`"
    case .runtimeHooks: "run prestart and createRuntime hooks"
    case .createContainerHooks: "run createContainer hooks"
    case .switchRoot: "switch to the new root"
    case .nullStreams: "replace /dev/null of the standard streams"
    case .terminal: "open the terminal"
    case .controllingTerminal: "make the terminal the controlling one"
    case .finishMounts: "finish the mounts"
    case .hostNames: "set hostname and domainname"
    case .sysctl(let plan): "set the sysctl `" + plan.path + "`"
    case .readonlyPath(let plan): "make `" + plan.path + "` read-only"
    case .maskedPaths: "mask paths"
    default: identityTitle
    }
  }

  private func names(_ kinds: [NamespaceKind]) -> ByteString {
    kinds.map { $0.name }.joined(by: ", ")
  }

  private var identityTitle: ByteString {
    switch self {
    case .umask(let mask): "set the umask to " + ByteString(octal: mask)
    case .label: "set the security label"
    case .noNewPrivileges: "set no_new_privs"
    case .affinity(let plan): plan.title
    case .scheduler: "set the scheduler"
    case .ioPriority: "set the I/O priority"
    case .personality: "set the personality"
    case .memoryPolicy: "set the memory policy"
    case .findProgram: "find the program"
    case .ready: "meet the parent: limits and record"
    case .filter: "load the seccomp filter"
    case .sealDescriptors: "mark descriptors to be closed"
    case .enterWorkingDirectory(let path): "enter the working directory `" + path + "`"
    case .boundingSet: "drop the bounding set"
    case .ownStreams: "give the standard streams to the user"
    case .user: "become the user"
    case .capabilities: "take capabilities"
    case .checkProgram: "check the program as the user"
    case .awaitStart: "wait for start"
    case .startContainerHooks: "run startContainer hooks"
    case .announce: "reset signals, close descriptors, announce the program"
    case .execute: "execute the program"
    case .executeUnderFilter: "load the seccomp filter and execute the program"
    default: ""
    }
  }

  /// Where in `config.json` the step comes from; empty where no property asks for it.
  package var pointer: ByteString {
    switch self {
    case .oomScore: "/process/oomScoreAdj"
    case .joinAroundUser, .unshare, .rebirth: "/linux/namespaces"
    case .rootMount: "/root/path"
    case .mount(let plan): plan.pointer
    case .device(let plan): plan.pointer
    case .workingDirectory, .enterWorkingDirectory: "/process/cwd"
    case .terminal, .controllingTerminal: "/process/terminal"
    case .hostNames: "/hostname"
    case .sysctl(let plan): "/linux/sysctl/" + plan.components.joined(by: ".")
    case .readonlyPath(let plan): plan.pointer
    case .maskedPaths: "/linux/maskedPaths"
    case .label(.appArmor): "/process/apparmorProfile"
    case .label(.seLinux): "/process/selinuxLabel"
    case .noNewPrivileges: "/process/noNewPrivileges"
    case .affinity(let plan): plan.final == nil ? "" : "/process/execCPUAffinity/final"
    case .scheduler: "/process/scheduler"
    case .ioPriority: "/process/ioPriority"
    case .personality: "/linux/personality"
    case .memoryPolicy: "/linux/memoryPolicy"
    case .filter, .executeUnderFilter: "/linux/seccomp"
    case .user: "/process/user"
    case .boundingSet, .capabilities: "/process/capabilities"
    default: ""
    }
  }
}

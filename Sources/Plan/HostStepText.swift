package import Bytes
import Hooks
import Identity
import Linux
import Namespaces
import Resctrl

extension HostStep {
  /// `looks` or `makes`.
  package var effect: ByteString {
    switch self {
    case .look, .serve(.compareIDMaps), .make(.started): "looks"
    case .make, .serve: "makes"
    }
  }

  /// The step with its subject, for an error and for the plan as text.
  package var title: ByteString {
    switch self {
    case .look(let step): step.title
    case .make(let step): step.title
    case .serve(let step): step.title
    }
  }

  /// Where in `config.json` the step comes from; empty where no property asks for it.
  package var pointer: ByteString {
    switch self {
    case .look(let step): step.pointer
    case .make(let step): step.pointer
    case .serve(let step): step.pointer
    }
  }

  /// Why the step stands where it stands; `HostOrder` has the whole of it.
  package var reason: ByteString {
    switch self {
    case .look(let step): step.reason
    case .make(let step): step.reason
    case .serve(let step): step.reason
    }
  }
}

extension HostStep.Look {
  fileprivate var title: ByteString {
    switch self {
    case .descriptorLimit: "check RLIMIT_NOFILE"
    case .resctrlGroup(let plan): "look for the resctrl group `" + plan.group + "`"
    case .resctrlOfContainer(let plan): "open the resctrl group `" + plan.group + "`"
    case .cgroupAncestors: "open the ancestors of the cgroup"
    case .namespace(let join): "open the " + join.kind.name + " namespace `" + join.path + "`"
    case .namespacesOfInit: "open init's namespaces"
    case .rootOfInit: "open init's root"
    case .cgroupOfContainer: "open the container's cgroup"
    case .tools(let path): "open the tools" + (path.map { " `" + $0 + "`" } ?? " of the host")
    case .consoleSocket(let path): "connect to the console socket `" + path + "`"
    case .pidfdSocket(let path): "connect to the pidfd socket `" + path + "`"
    case .pidFileDirectory(let path): "open the directory of the pid file `" + path + "`"
    case .mountIDs: "make a user namespace with the ids of a mount"
    case .root(let path): "open the root `" + path + "`"
    case .sources: "open what init could not open inside"
    case .filter: "compile the seccomp filter"
    case .agent(let path, _): "connect to the seccomp agent `" + path + "`"
    case .criu: "ask criu for its version"
    case .images(let request): "open the images in `" + request.images + "`"
    }
  }

  fileprivate var pointer: ByteString {
    switch self {
    case .resctrlGroup, .resctrlOfContainer: "/linux/intelRdt"
    case .namespace(let join): join.pointer
    case .mountIDs(let pointer, _): pointer
    case .root: "/root/path"
    case .sources: "/mounts"
    case .filter(let pointer): pointer
    case .agent(_, let pointer): pointer
    case .descriptorLimit, .cgroupAncestors, .namespacesOfInit, .rootOfInit, .cgroupOfContainer,
      .tools, .consoleSocket, .pidfdSocket, .pidFileDirectory, .criu, .images:
      ""
    }
  }

  fileprivate var reason: ByteString {
    switch self {
    case .descriptorLimit: "an undo that runs out of descriptors would leave something behind"
    case .resctrlGroup: "what is recorded is removed with the container: it must not be another's"
    case .resctrlOfContainer: "the process is added to it"
    case .cgroupAncestors: "how many exist is recorded before the others are made"
    case .namespace: "in the runtime's mount namespace, where the path was meant"
    case .namespacesOfInit: "one open file each, from the init whose identity was checked"
    case .rootOfInit: "a container without a mount namespace has a root all the same"
    case .cgroupOfContainer: "the clone goes into it"
    case .tools: "in the runtime's mount namespace, where the path was meant"
    case .consoleSocket, .pidfdSocket: "in the caller's namespaces, and before there is a process"
    case .pidFileDirectory:
      "before the program runs: the file itself is the last thing that is made"
    case .mountIDs: "before the mounts that have these ids"
    case .root: "opened once: what was checked becomes the root"
    case .sources: "with the runtime's rights and in its mount namespace (CVE-2021-25741)"
    case .filter:
      "what the kernel or the program would refuse is an error before there is a process"
    case .agent: "in the caller's namespaces, and before there is a process"
    case .criu: "one that is missing or too old is an error before anything is made"
    case .images: "what they mount must be in the configuration, too"
    }
  }
}

extension HostStep.Make {
  fileprivate var title: ByteString {
    switch self {
    case .watchSignals: "watch the signals that end a command"
    case .claim(let id): "claim the id `" + id + "`"
    case .record: "save the record"
    case .configuration: "keep the configuration"
    case .resctrlGroup(let group): "make the resctrl group `" + group + "`"
    case .cgroup(let path): "make the cgroup " + path
    case .deviceProgram: "put the device program in force"
    case .memoryLimit: "limit the memory of the cgroup"
    case .debugCgroup: "make a cgroup for the tools"
    case .notifyDirectory: "make the directory of NOTIFY_SOCKET"
    case .startFIFOs: "make the FIFOs of start"
    case .errnoWord: "share a word for the errno of execve"
    case .initialAffinity: "set the initial CPU affinity"
    case .holdSignals: "hold signals for the program"
    case .clone(let flags):
      flags.isEmpty
        ? "clone init" : "clone init into new namespaces: " + flags.names.joined(by: ", ")
    case .network: "make the network namespace"
    case .started: "see the program started"
    case .mountPoints: "make the mount points that are missing"
    case .restore: "let criu restore the processes"
    case .recordVisible: "record init, which can be seen now"
    case .notifySocket: "bind the socket of NOTIFY_SOCKET"
    case .start: "let init start the program"
    case .hooks(let kind, _): "run " + kind.name + " hooks"
    case .pidfd(let path): "send the pidfd to `" + path + "`"
    case .pidFile(let path): "write the pid file `" + path + "`"
    }
  }

  fileprivate var pointer: ByteString {
    switch self {
    case .resctrlGroup: "/linux/intelRdt"
    case .cgroup: "/linux/cgroupsPath"
    case .deviceProgram: "/linux/resources/devices"
    case .memoryLimit: "/linux/resources/memory/limit"
    case .initialAffinity: "/process/execCPUAffinity/initial"
    case .clone(let flags): flags.isEmpty ? "" : "/linux/namespaces"
    case .network: "/linux/namespaces"
    case .hooks(let kind, _): "/hooks/" + kind.name
    case .watchSignals, .claim, .record, .configuration, .debugCgroup, .notifyDirectory,
      .startFIFOs, .errnoWord,
      .holdSignals, .started, .recordVisible, .notifySocket, .start, .pidfd, .pidFile, .restore:
      ""
    case .mountPoints: "/mounts"
    }
  }

  fileprivate var reason: ByteString {
    switch self {
    case .watchSignals: "before the first thing that has to be undone"
    case .claim: "of two that make the same container one fails here"
    case .record: "before anything that it names exists: delete --force finds it after kill -9"
    case .resctrlGroup:
      "before the cgroup: whose processes it holds must be dead when it is removed"
    case .configuration: "before hooks: a delete knows by it which to run"
    case .cgroup: "init is born in it"
    case .deviceProgram: "before anything is executed or opened that is not the runtime's"
    case .memoryLimit: "while nothing is charged: the kernel charges ahead, more than a small limit"
    case .debugCgroup:
      "what is started in it ends with the command, and a paused container stays paused"
    case .notifyDirectory: "it is a mount of the container"
    case .startFIFOs: "init opens nothing of the host"
    case .errnoWord: "for a filter that lets the runtime say nothing"
    case .initialAffinity: "inherited by the clone, before it is in the container's cgroup"
    case .holdSignals: "what comes from here on is the program's"
    case .clone: "in its cgroup and namespaces from the first instruction"
    case .network: "the kernel takes as long for it as init for its first mounts"
    case .started: "of a program that cannot be executed init says why"
    case .mountPoints: "criu follows the links that it meets, and these are made without any"
    case .restore: "in the cgroup, and in a mount namespace that goes with criu"
    case .recordVisible: "without root a process that hides itself has no namespaces to look at"
    case .notifySocket: "before the program can say anything"
    case .start: "when nothing is left that can fail before the program"
    case .hooks: "with the program running"
    case .pidfd: "when init is ready, and before the caller may act on it"
    case .pidFile: "last: engines take it for success"
    }
  }
}

extension HostStep.Serve {
  fileprivate var title: ByteString {
    switch self {
    case .attach: "move init into its cgroup, where the clone could not"
    case .idMaps: "write the id maps"
    case .oomScore(let score): "set oom_score_adj to " + ByteString(decimal: score)
    case .timeOffsets: "write the time offsets"
    case .networkDevice(let plan): "move the network device `" + plan.name + "`"
    case .hooks(let kind, _): "run " + kind.name + " hooks"
    case .listener: "hand over the seccomp listener"
    case .limit(_, let plan): "set " + plan.name
    case .compareIDMaps(_, let path): "compare the id maps of `" + path + "`"
    case .streams: "give the standard streams to the user"
    case .cgroupLimits: "limit the cgroup"
    case .resctrlTasks: "add init to the resctrl group"
    case .identify: "prepare the record of init, with its start time and namespaces"
    case .recordInit: "record init"
    case .start: "let init start the program"
    case .inForce: "compare what is in force with the configuration"
    }
  }

  fileprivate var pointer: ByteString {
    switch self {
    case .idMaps, .compareIDMaps: "/linux/uidMappings"
    case .oomScore: "/process/oomScoreAdj"
    case .timeOffsets: "/linux/timeOffsets"
    case .networkDevice(let plan): plan.pointer
    case .hooks(let kind, _): "/hooks/" + kind.name
    case .listener: "/linux/seccomp/listenerPath"
    case .limit(let index, _): "/process/rlimits/" + ByteString(decimal: index)
    case .cgroupLimits: "/linux/resources"
    case .resctrlTasks: "/linux/intelRdt"
    case .attach, .streams, .identify, .recordInit, .start, .inForce: ""
    }
  }

  fileprivate var reason: ByteString {
    switch self {
    case .attach: "before its user is another one, and before it makes a cgroup namespace"
    case .idMaps: "only a process outside may write them"
    case .oomScore: "the rights over the machine that it needs end with the id maps"
    case .timeOffsets: "before a process is in the time namespace"
    case .networkDevice: "before hooks, which configure it"
    case .hooks: "with every mount made and the host's root still in place"
    case .listener: "from its next call on init may wait for the agent"
    case .limit: "from outside, where the rights to raise them are"
    case .compareIDMaps: "the user namespace that is joined has maps already"
    case .streams: "the runtime owns them, and its rights end in the user namespace"
    case .cgroupLimits: "after everything that the runtime needs memory and processes for"
    case .resctrlTasks: "before the program, and what it starts"
    case .identify: "while init makes its mounts; others see it later"
    case .recordInit: "from here on other commands find init"
    case .start: "when nothing is left that can fail before the program"
    case .inForce: "criu loses attributes of mounts, and an image is somebody's"
    }
  }
}

extension UndoStep {
  package var title: ByteString {
    switch self {
    case .stateDirectory: "remove the state directory"
    case .poststopHooks: "run poststop hooks"
    case .resctrlGroup: "remove the resctrl group"
    case .cgroup: "kill what is in the cgroup and remove it"
    case .initProcess: "kill init and wait for its end"
    case .pidFile: "remove the pid file"
    }
  }

  package var reason: ByteString {
    switch self {
    case .stateDirectory: "last: until then the record leads to what is left"
    case .poststopHooks: "when the container is gone, and the id is still its own"
    case .resctrlGroup: "when its processes are dead, or they would move to the root group"
    case .cgroup: "after init, whose death ends the others where it has a pid namespace"
    case .initProcess: "first: it makes no more processes"
    case .pidFile: "before the process that it names is gone"
    }
  }
}

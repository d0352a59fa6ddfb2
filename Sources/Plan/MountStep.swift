package import Bytes
package import Rootfs

/// What init does to the container's tree of mounts. Only one that makes a container has these.
package enum MountStep: Equatable, Sendable {
  case root
  case mount(MountPlan)
  case device(DevicePlan)
  case deviceLinks
  case workingDirectory(ByteString)
  case switchRoot
  /// Binds the terminal on standard input over /dev/console.
  case console
  case finish
  case readonlyPath(ReadonlyPath)
  case maskedPaths([MaskedPath])
}

extension MountStep {
  var title: ByteString {
    switch self {
    case .root: "mount the root filesystem"
    case .mount(let plan): plan.title
    case .device(let plan): plan.title
    case .deviceLinks: "create the links of /dev"
    case .workingDirectory(let path): "create the working directory `" + path + "`"
    case .switchRoot: "switch to the new root"
    case .console: "bind the terminal on /dev/console"
    case .finish: "finish the mounts"
    case .readonlyPath(let plan): "make `" + plan.path + "` read-only"
    case .maskedPaths: "mask paths"
    }
  }

  var pointer: ByteString {
    switch self {
    case .root: "/root/path"
    case .mount(let plan): plan.pointer
    case .device(let plan): plan.pointer
    case .workingDirectory: "/process/cwd"
    case .console: "/process/terminal"
    case .readonlyPath(let plan): plan.pointer
    case .maskedPaths: "/linux/maskedPaths"
    case .deviceLinks, .switchRoot, .finish: ""
    }
  }

  var reason: ByteString {
    switch self {
    case .root: "propagation before the first mount, or the host gets to see it"
    case .mount: "in the order of the configuration: a later one may lie on an earlier one"
    case .device, .deviceLinks: "after the mounts: a tmpfs on /dev would hide them"
    case .workingDirectory: "while the tree can still be written"
    case .switchRoot: "when nothing of the host is needed any more"
    case .console: "while /dev can be written"
    case .finish: "nothing is created in the tree after this"
    case .readonlyPath, .maskedPaths: "after the last write below them"
    }
  }

  var details: ByteString {
    switch self {
    case .mount(let plan): plan.details
    case .device(let plan):
      " " + ByteString(decimal: plan.major) + ":" + ByteString(decimal: plan.minor) + " mode "
        + ByteString(octal: plan.mode) + " owner " + ByteString(decimal: plan.user) + ":"
        + ByteString(decimal: plan.group)
    case .maskedPaths(let paths): " " + paths.map { $0.path }.joined(by: " ")
    case .root, .deviceLinks, .workingDirectory, .switchRoot, .console, .finish, .readonlyPath: ""
    }
  }
}

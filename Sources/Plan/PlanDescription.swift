package import Bytes
import Cgroups
import Hooks
import Linux
import Namespaces
import Rootfs

extension CreatePlan {
  /// The plan as text, one step a line: stable, so that a test can compare it and a person can read
  /// what would happen.
  package var text: ByteString {
    var lines: [ByteString] = [
      "container " + id,
      "root " + rootfs.path + (rootfs.isReadOnly ? " read-only" : "") + " by " + rootfs.switchName,
      "cgroup " + (cgroup.path?.text ?? "none") + " by " + cgroup.manager.name
        + (cgroup.deviceProgram == nil ? "" : ", device program"),
      "clone " + namespaceNames,
    ]
    for warning in warnings { lines.append("warning " + warning) }
    for (index, step) in steps.enumerated() {
      var line = ByteString(decimal: index + 1) + ". " + step.title + step.details
      if !step.pointer.isEmpty { line += " [" + step.pointer + "]" }
      lines.append(line)
    }
    return lines.joined(by: "\n") + "\n"
  }

  private var namespaceNames: ByteString {
    let names = NamespaceKindNames.all.filter { namespaces.created.contains($0.flag) }.map {
      $0.name
    }
    return names.isEmpty ? "without namespaces" : "into new " + names.joined(by: ", ")
  }
}

private enum NamespaceKindNames {
  static let all: [(flag: NamespaceFlags, name: ByteString)] = [
    (.user, "user"), (.mount, "mount"), (.pid, "pid"), (.network, "network"), (.ipc, "ipc"),
    (.uts, "uts"), (.cgroup, "cgroup"), (.time, "time"),
  ]
}

extension RootfsPlan {
  fileprivate var switchName: ByteString {
    switch rootSwitch {
    case .pivot: "pivot_root"
    case .move: "moving the mount"
    case .changeRoot: "chroot"
    }
  }
}

extension InitStep {
  /// What a title does not say: the values that reach the kernel.
  fileprivate var details: ByteString {
    switch self {
    case .mount(let plan): plan.details
    case .device(let plan):
      " " + ByteString(decimal: plan.major) + ":" + ByteString(decimal: plan.minor) + " mode "
        + ByteString(octal: plan.mode) + " owner " + ByteString(decimal: plan.user) + ":"
        + ByteString(decimal: plan.group)
    case .sysctl(let plan): " to `" + plan.value + "`"
    case .maskedPaths(let paths): " " + paths.map { $0.path }.joined(by: " ")
    case .createContainerHooks(let hooks), .startContainerHooks(let hooks):
      " " + hooks.map { $0.path }.joined(by: " ")
    default: ""
    }
  }
}

extension MountPlan {
  fileprivate var details: ByteString {
    var text: ByteString = ""
    if case .bind(_, recursive: true) = kind { text += " recursively" }
    text += options.attributes.text("attributes")
    text += options.recursiveAttributes.text("recursive attributes")
    if !options.superblock.isEmpty { text += " superblock " + hex(options.superblock.rawValue) }
    for step in options.propagation {
      text += " propagation " + hex(step.type.rawValue) + (step.recursive ? " recursive" : "")
    }
    if options.copiesUp { text += " copying up" }
    if delaysReadOnly { text += " read-only at the end" }
    if !options.data.isEmpty { text += " data " + options.data.joined(by: ",") }
    return text
  }
}

extension AttributeChange {
  fileprivate func text(_ name: ByteString) -> ByteString {
    if isEmpty { return "" }
    return " " + name + " +" + hex(self.set.rawValue) + " -" + hex(clear.rawValue)
  }
}

private func hex(_ value: UInt64) -> ByteString {
  let digits: ByteString = "0123456789abcdef"
  var text = [UInt8]()
  var rest = value
  repeat {
    text.append(digits[Int(rest & 15)])
    rest >>= 4
  } while rest != 0
  return "0x" + ByteString(text.reversed())
}

package import Bytes
import Cgroups
import Hooks
import Identity
package import Linux
import Namespaces
import OCISpec
import Resctrl
import Rootfs
import Seccomp

extension CreatePlan {
  /// The plan as text: first what it was made of, then the steps of both halves in order of time. Stable,
  /// so that a golden file shows what a property of the configuration comes to.
  package var text: ByteString {
    let lines: [ByteString] = timeline.map {
      switch $0 {
      case .host(let step): step.line
      case .inner(let number, let step): ByteString(decimal: number) + ". " + step.line
      }
    }
    return (preliminaryLines + lines).joined(by: "\n") + "\n"
  }

  /// As the text, without numbers, which would differ where nothing else does.
  package var comparableLines: [ByteString] {
    preliminaryLines
      + timeline.map {
        switch $0 {
        case .host(let step): step.line
        case .inner(_, let step): step.line
        }
      }
  }

  /// The steps of both halves, as `create` without options performs them.
  package var timeline: [TimedStep] { TimedStep.all(HostOrder.create(self), steps) }

  /// What is there before init, a line each.
  package var preliminaryLines: [ByteString] {
    var lines: [ByteString] = [
      "container " + id,
      "root " + rootfs.path + (rootfs.isReadOnly ? " read-only" : "") + " by " + rootfs.switchName
        + (rootfs.propagation.map { " propagation " + $0.text } ?? ""),
      "cgroup " + (cgroup.path?.text ?? "none") + " by " + cgroup.manager.name
        + (cgroup.owner.map { " for user " + ByteString(decimal: $0) } ?? "")
        + (cgroup.isOptional ? " if possible" : ""),
    ]
    if let program = cgroup.deviceProgram {
      lines.append(
        "device program of " + ByteString(decimal: program.count) + " instructions, "
          + FlagNames.hex(checksum(program)))
    }
    lines += cgroup.limits.map { $0.text }
    if let resctrl { lines += resctrl.lines }
    lines.append("clone " + namespaceNames)
    lines += namespaces.joins.map {
      "join " + $0.kind.name + " at " + $0.path + " [" + $0.pointer + "]"
    }
    lines += namespaces.devices.map { "move " + $0.name + " as " + $0.newName }
    if let maps = namespaces.idMaps {
      lines.append("users " + maps.users.text)
      lines.append("groups " + maps.groups.text)
    }
    if let offsets = namespaces.timeOffsets {
      lines.append("time offsets " + offsets.text.split(on: UInt8(ascii: "\n")).joined(by: " "))
    }
    lines += exec.identity.limits.map {
      "limit " + $0.name + " " + ByteString(decimal: $0.soft) + " " + ByteString(decimal: $0.hard)
    }
    lines += HookKind.allCases.flatMap { hooks[$0] }.map { "hook " + $0.text }
    if let filter = exec.seccomp { lines += filter.lines }
    lines += annotations.map { "annotation " + $0.key + "=" + $0.value }
    for warning in warnings { lines.append("warning " + warning) }
    return lines
  }

  private var namespaceNames: ByteString {
    let names = namespaces.created.names
    return names.isEmpty ? "without namespaces" : "into new " + names.joined(by: ", ")
  }
}

extension Scheduling.Attributes {
  /// Begins with a blank.
  package var text: ByteString {
    var text =
      " policy " + (SchedulerPlan.policies.first { $0.number == policy }?.name ?? "")
      + " flags " + FlagNames.schedulerFlags(flags)
    text += " nice " + ByteString(decimal: nice) + " priority " + ByteString(decimal: priority)
    for time in [runtime, deadline, period] { text += " " + ByteString(decimal: time) }
    return text
  }
}

extension [IDMapping] {
  fileprivate var text: ByteString {
    map {
      ByteString(decimal: $0.containerID) + "=" + ByteString(decimal: $0.hostID) + "+"
        + ByteString(decimal: $0.size)
    }.joined(by: " ")
  }
}

extension PlannedHook {
  fileprivate var text: ByteString {
    kind.name + " " + path + " args " + arguments.joined(by: " ") + " environment "
      + (environment.map { $0.isEmpty ? "empty" : $0.joined(by: " ") } ?? "inherited")
      + (timeout.map { " within " + ByteString(decimal: $0) + " s" } ?? "")
  }
}

extension ResctrlPlan {
  fileprivate var lines: [ByteString] {
    let origin: ByteString =
      switch self.origin {
      case .own: "made for the container"
      case .shared: "made if it is missing"
      case .existing: "that exists"
      }
    return ["resctrl group `" + (group.isEmpty ? "/" : group) + "` " + origin]
      + schemata.map { "resctrl schema `" + $0 + "`" }
      + (monitoring.map { ["resctrl monitoring group `" + $0 + "`"] } ?? [])
  }
}

extension SeccompPlan {
  /// Names as the configuration spells them.
  fileprivate var lines: [ByteString] {
    var lines: [ByteString] = [
      "filter default " + FlagNames.action(defaultAction) + " flags " + FlagNames.filterFlags(flags)
        + " architectures "
        + architectures.map { FlagNames.word($0, SeccompNames.architectures) }.joined(by: " ")
    ]
    lines += rules.map { rule in
      "filter " + FlagNames.action(rule.action) + " " + rule.names.joined(by: " ")
        + rule.conditions.map {
          " if " + ByteString(decimal: $0.argument) + " "
            + FlagNames.word($0.comparison, SeccompNames.operators) + " "
            + FlagNames.hex($0.first) + " " + FlagNames.hex($0.second)
        }.joined(by: "")
    }
    if let listener {
      lines.append(
        "filter listener " + listener.path + " metadata " + (listener.metadata ?? "none"))
    }
    return lines
  }
}

/// FNV-1a: one line instead of hundreds, and another one for every other program.
private func checksum(_ program: [BPFInstruction]) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for part in program {
    let words = [
      Int(part.code), Int(part.target), Int(part.source), Int(part.offset), Int(part.immediate),
    ]
    for word in words {
      hash = (hash ^ UInt64(truncatingIfNeeded: word)) &* 0x100_0000_01b3
    }
  }
  return hash
}

extension CgroupWrite {
  fileprivate var text: ByteString {
    var text = "write `" + value + "` to " + file
    if let alternative { text += " (or `" + alternative.value + "` to " + alternative.file + ")" }
    if let floor { text += " above " + floor }
    if isTrial { text += " at first" }
    if isOptional { text += " if possible" }
    return text.pointing(to: pointer)
  }
}

extension PropagationChange {
  fileprivate var text: ByteString {
    let name: ByteString =
      switch type {
      case .unbindable: "unbindable"
      case .private: "private"
      case .slave: "slave"
      case .shared: "shared"
      }
    return name + (recursive ? " recursive" : "")
  }
}

extension NamespaceFlags {
  private static let kinds: [NamespaceKind] = [
    .user, .mount, .pid, .network, .ipc, .uts, .cgroup, .time,
  ]

  var names: [ByteString] {
    NamespaceFlags.kinds.filter { contains($0.flag) }.map { $0.name }
  }
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

extension MountPlan {
  var details: ByteString {
    var text: ByteString =
      switch kind {
      case .bind(_, let recursive): recursive ? " recursively" : ""
      case .filesystem(_, let source): " from `" + source + "`"
      case .cgroup(let hierarchy, let isNew): isNew ? " anew" : " from `" + hierarchy + "`"
      case .remount(true, _, _): " as a bind mount"
      case .remount(_, let source, let type): " from `" + source + "` of type `" + type + "`"
      }
    if let sourceInRoot { text += " from `" + sourceInRoot + "` in the root" }
    text += options.attributes.text("attributes")
    text += options.recursiveAttributes.text("recursive attributes")
    if !options.superblock.isEmpty {
      text += " superblock " + FlagNames.superblock(options.superblock)
    }
    for step in options.propagation {
      text += " propagation " + step.text
    }
    if let idMap {
      text += " with users " + idMap.users.text + " and groups " + idMap.groups.text
      if idMap.recursive { text += " recursively" }
    }
    if options.copiesUp { text += " copying up" }
    if delaysReadOnly { text += " read-only at the end" }
    if !options.data.isEmpty { text += " data " + options.data.joined(by: ",") }
    return text
  }
}

extension AttributeChange {
  fileprivate func text(_ name: StaticString) -> ByteString {
    if isEmpty { return "" }
    return " " + name + " " + FlagNames.attributes(self)
  }
}

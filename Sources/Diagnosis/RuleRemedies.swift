package import Bytes

/// What to do about a rule that a configuration broke, where the rule itself does not say it: by the
/// words of the rule.
package enum RuleRemedies {
  /// - Parameter reason: the rule, as the error has it.
  package static func hint(_ reason: ByteString) -> ByteString? {
    for line in ByteString(stringLiteral: table).split(on: 0x0a) {
      guard let (words, hint) = line.cut(at: UInt8(ascii: "|")), words.occurs(in: reason) else {
        continue
      }
      return hint
    }
    return nil
  }

  /// Words of the rule, and the remedy; the first line that fits.
  private static var table: StaticString {
    """
    occurs twice|remove one of them
    under another spelling too|remove one of them
    greater than the hard limit|raise hard, or lower soft
    names no program|write the program and its arguments: ["/bin/sh"]
    Cwd property must not be empty|write "/"
    neither a type nor `bind`|add "bind" to its options, or give it a type
    a bind mount has `bind`|add "rbind" to its options
    a bind mount needs a source|add "source", a path on the host
    a new user namespace needs a map|add [{"containerID": 0, "hostID": 100000, "size": 65536}]
    does not map 0, the root|begin it with {"containerID": 0, "hostID": 100000, "size": 65536}
    overlaps another range|let each id be in one range only
    an empty range|write a size of at least 1
    the range goes beyond|ids end at 4294967294: lower hostID or size
    is missing beside the other map|add it: both maps are needed, or neither
    is not in /linux/|map it there, or take an id that is mapped
    allows no others|remove it, or map more ids with newuidmap and newgidmap
    must be greater than 0|leave it out for a hook that may take any time
    is required for a device|`ls -l` of the device on the host shows major and minor
    is not a semantic version|write three numbers: "1.2.0"
    is not supported, only 1.x.y is|write "1.2.0", the version whose members it uses
    not NAME=value|write "NAME=value"
    has no name before `=`|write "NAME=value"
    leaves the place it starts from|write it without `..`
    names no cgroup of its own|add a name of its own: /apus/NAME
    is a name of the kernel|choose another: names that begin with `cgroup.` are the kernel's
    is not `slice:prefix:name`|write "system.slice:apus:NAME", or do without --systemd-cgroup
    is not in permitted|add it to /process/capabilities/permitted too
    is not in bounding|add it to /process/capabilities/bounding too
    cgroup v2 has no such limit|remove it
    needs a `limit`|add the limit of memory, or leave swap out
    negative, and not the -1|write a size in bytes, or -1
    not a mode mask|octal 022 is written 18
    unknown personality flag|remove it: there are none yet
    is not the name of a network device|it has 1 to 15 bytes, without / and blanks
    is not the name of a group|it is one name, without /
    takes no errno|leave errnoRet out, or make the action SCMP_ACT_ERRNO
    an errno has 16 bits|write the number of the error, as 1 for EPERM
    names no system call|name one, or remove the rule
    a filter that notifies of every call|let rules notify of the calls that the agent answers
    is not a file of a cgroup controller|write it as memory.high
    no cgroup2 filesystem mounted|mount -t cgroup2 cgroup2 /sys/fs/cgroup
    is not supported with --no-pivot|leave --no-pivot out, or choose another propagation
    is the root itself|name a path below /
    longer than 64 bytes|shorten it
    longer than 255 bytes|shorten it
    less than 1024 ns|it is in nanoseconds: runtime <= deadline <= period
    is for SCHED_FIFO and SCHED_RR alone|remove it, or choose such a policy
    a second or more|write at most 999999999, and whole seconds in secs
    a part of `/proc`|mount it elsewhere, or use maskedPaths
    the root itself cannot be mounted over|name a directory below /
    without root a user namespace|run as root, or begin with `apus spec --rootless`
    used without listenerPath|add listenerPath, the socket that the agent listens on
    less than `limit`|write at least the value of limit, or -1
    is the host's own root|unpack the container's files to a directory of their own
    no resctrl filesystem|mount it (mount -t resctrl resctrl /sys/fs/resctrl), or remove it
    a detached container with a terminal|give --console-socket, or set it to false
    needs CAP_SYS_ADMIN|set /process/noNewPrivileges to true
    needs SCHED_FLAG_RESET_ON_FORK|add SCHED_FLAG_RESET_ON_FORK to /process/scheduler/flags
    a terminal has at most|write rows and columns as a screen has them
    differs from /domainname|remove one of them
    refused, use /hostname|set /hostname instead
    argument list too long|pass it in a file
    is not a list of CPUs|write numbers and ranges: "0-3,7"
    a system call has the arguments|count from 0
    only a bind mount can be idmapped|add "bind" and a source, or remove the mapping
    """
  }
}

extension ByteString {
  /// Whether `text` contains this.
  package func occurs(in text: ByteString) -> Bool {
    guard text.count >= count, !isEmpty else { return false }
    for start in 0...(text.count - count)
    where text.bytes[start..<(start + count)].elementsEqual(bytes) {
      return true
    }
    return false
  }
}

/// What to do where the kernel refused a property and nothing more can be looked at.
package enum StepRemedies {
  package static func hint(_ pointer: ByteString) -> ByteString? {
    for line in ByteString(stringLiteral: table).split(on: 0x0a) {
      guard let (start, hint) = line.cut(at: UInt8(ascii: "|")), pointer.hasPrefix(start) else {
        continue
      }
      return hint
    }
    return nil
  }

  private static var table: StaticString {
    """
    /process/oomScoreAdj|below the value of the runtime itself it takes CAP_SYS_RESOURCE: raise it
    /process/scheduler|it takes CAP_SYS_NICE, or RLIMIT_RTPRIO and RLIMIT_NICE that allow it
    /process/ioPriority|the class IOPRIO_CLASS_RT takes CAP_SYS_ADMIN or CAP_SYS_NICE
    /process/execCPUAffinity|/sys/devices/system/cpu/online lists the CPUs
    /linux/memoryPolicy|/sys/devices/system/node/online lists the nodes
    /linux/timeOffsets|no clock may go below 0 or beyond 146 years: correct secs
    /linux/devices/|make the place free for it, or correct its path
    /linux/intelRdt|/sys/fs/resctrl/info shows what the processor has
    /root/path|let the container's root search it and what leads to it (chmod o+x, chown)
    """
  }
}

/// What people write for a path, and only a shell understands.
package enum SourceSlip {
  /// The word at the beginning of a name: `$HOME`, `~`.
  package static func shellWord(_ name: ByteString) -> ByteString? {
    name.hasPrefix("$") || name.hasPrefix("~") ? name.escaped(limit: 40) : nil
  }
}

/// What values the options of filesystems take, in words.
package enum MountValue {
  package static func form(of option: ByteString) -> ByteString? {
    switch option {
    case "size": "bytes, or a number with k, m, g or %: size=64m"
    case "nr_inodes", "nr_blocks": "a number, with k, m or g"
    case "mode", "ptmxmode": "octal digits: mode=1777"
    case "uid", "gid": "the number, names are not looked up"
    case "hidepid": "0, 1, 2 or 4"
    default: nil
    }
  }
}

import Bytes
import JSON

/// What an object of the configuration is: the letter by which `MemberTable` names it.
struct ObjectShape: Equatable, Sendable {
  let letter: UInt8

  init(_ letter: Unicode.Scalar) { self.letter = UInt8(ascii: letter) }

  init(letter: UInt8) { self.letter = letter }

  /// The members that the specification knows. Behind a colon stands the shape of the value, with a
  /// star before it if the value is a list or a map of such objects.
  var members: NameTable {
    switch letter {
    case UInt8(ascii: "C"):
      NameTable(
        """
        ociVersion root:R mounts:*M process:P hostname domainname hooks:H annotations linux:L \
        solaris windows vm zos freebsd
        """)
    case UInt8(ascii: "R"): NameTable("path readonly")
    case UInt8(ascii: "M"):
      NameTable("destination type source options uidMappings:*I gidMappings:*I")
    case UInt8(ascii: "I"): NameTable("containerID hostID size")
    case UInt8(ascii: "P"):
      NameTable(
        """
        terminal consoleSize:S user:U args commandLine env cwd capabilities:K rlimits:*E \
        apparmorProfile oomScoreAdj scheduler:D selinuxLabel noNewPrivileges ioPriority:O \
        execCPUAffinity:A
        """)
    case UInt8(ascii: "S"): NameTable("height width")
    case UInt8(ascii: "U"): NameTable("uid gid umask additionalGids username")
    case UInt8(ascii: "K"): NameTable("bounding effective inheritable permitted ambient")
    case UInt8(ascii: "E"): NameTable("type hard soft")
    case UInt8(ascii: "D"): NameTable("policy nice priority flags runtime deadline period")
    case UInt8(ascii: "O"): NameTable("class priority")
    case UInt8(ascii: "A"): NameTable("initial final")
    case UInt8(ascii: "H"):
      NameTable(
        """
        prestart:*h createRuntime:*h createContainer:*h startContainer:*h poststart:*h poststop:*h
        """)
    case UInt8(ascii: "h"): NameTable("path args env timeout")
    default: linuxMembers
    }
  }

  private var linuxMembers: NameTable {
    switch letter {
    case UInt8(ascii: "L"):
      NameTable(
        """
        namespaces:*N uidMappings:*I gidMappings:*I timeOffsets:*T devices:*V netDevices:*n \
        cgroupsPath resources:r rootfsPropagation maskedPaths readonlyPaths mountLabel seccomp:s \
        sysctl personality:p memoryPolicy:y intelRdt:q
        """)
    case UInt8(ascii: "N"): NameTable("type path")
    case UInt8(ascii: "T"): NameTable("secs nanosecs")
    case UInt8(ascii: "V"): NameTable("type path major minor fileMode uid gid")
    case UInt8(ascii: "n"): NameTable("name")
    case UInt8(ascii: "s"):
      NameTable(
        """
        defaultAction defaultErrnoRet architectures flags listenerPath listenerMetadata syscalls:*l
        """)
    case UInt8(ascii: "l"): NameTable("names action errnoRet args:*a")
    case UInt8(ascii: "a"): NameTable("index value valueTwo op")
    case UInt8(ascii: "p"): NameTable("domain flags")
    case UInt8(ascii: "y"): NameTable("mode nodes flags")
    case UInt8(ascii: "q"):
      NameTable(
        "closID schemata l3CacheSchema memBwSchema enableMonitoring enableCMT enableMBM")
    default: resourceMembers
    }
  }

  private var resourceMembers: NameTable {
    switch letter {
    case UInt8(ascii: "r"):
      NameTable(
        """
        devices:*v memory:m cpu:c pids:d blockIO:b hugepageLimits:*g network:w rdma:*x unified
        """)
    case UInt8(ascii: "v"): NameTable("allow type major minor access")
    case UInt8(ascii: "m"):
      NameTable(
        """
        limit reservation swap kernel kernelTCP swappiness disableOOMKiller useHierarchy \
        checkBeforeUpdate
        """)
    case UInt8(ascii: "c"):
      NameTable("shares quota burst period realtimeRuntime realtimePeriod cpus mems idle")
    case UInt8(ascii: "d"): NameTable("limit")
    case UInt8(ascii: "b"):
      NameTable(
        """
        weight leafWeight weightDevice:*W throttleReadBpsDevice:*t throttleWriteBpsDevice:*t \
        throttleReadIOPSDevice:*t throttleWriteIOPSDevice:*t
        """)
    case UInt8(ascii: "W"): NameTable("major minor weight leafWeight")
    case UInt8(ascii: "t"): NameTable("major minor rate")
    case UInt8(ascii: "g"): NameTable("pageSize limit")
    case UInt8(ascii: "w"): NameTable("classID priorities:*z")
    case UInt8(ascii: "z"): NameTable("name priority")
    case UInt8(ascii: "x"): NameTable("hcaHandles hcaObjects")
    default: NameTable("")
    }
  }

  /// Names that people know from elsewhere, each with the one that the specification has.
  static var synonyms: NameTable {
    NameTable(
      """
      cmd:args pwd:cwd command:args entrypoint:args arguments:args argv:args workingdir:cwd workdir:cwd \
      working_dir:cwd environment:env target:destination dst:destination src:source \
      opts:options flags:options fstype:type syscall:names name:names max:limit mode:fileMode \
      caps:capabilities uidmap:uidMappings gidmap:gidMappings nnp:noNewPrivileges tty:terminal \
      groups:additionalGids masked:maskedPaths version:ociVersion rootfs:root mount:mounts \
      bind:options ro:options
      """)
  }
}

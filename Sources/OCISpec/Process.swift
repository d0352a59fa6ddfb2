package import Bytes

/// The program of the container, or the one that `exec` adds (runtime-spec, config.md, "Process").
package struct Process: Equatable, Sendable {
  package var terminal: Bool
  package var consoleSize: ConsoleSize?
  package var cwd: ByteString
  /// `NAME=value`; the program inherits nothing else.
  package var env: [ByteString]
  package var args: [ByteString]
  package var user: User
  package var rlimits: [ResourceLimit]
  /// Absent drops all five sets (CA-4), as an object without members does.
  package var capabilities: Capabilities?
  package var noNewPrivileges: Bool
  /// Absent leaves the inherited value untouched, 0 is written (PR-13).
  package var oomScoreAdj: Int32?
  package var apparmorProfile: ByteString?
  package var selinuxLabel: ByteString?
  package var scheduler: Scheduler?
  package var ioPriority: IOPriority?
  package var execCPUAffinity: CPUAffinity?

  package init(
    terminal: Bool = false,
    consoleSize: ConsoleSize? = nil,
    cwd: ByteString,
    env: [ByteString] = [],
    args: [ByteString],
    user: User = User(uid: 0, gid: 0),
    rlimits: [ResourceLimit] = [],
    capabilities: Capabilities? = nil,
    noNewPrivileges: Bool = false,
    oomScoreAdj: Int32? = nil,
    apparmorProfile: ByteString? = nil,
    selinuxLabel: ByteString? = nil,
    scheduler: Scheduler? = nil,
    ioPriority: IOPriority? = nil,
    execCPUAffinity: CPUAffinity? = nil
  ) {
    self.terminal = terminal
    self.consoleSize = consoleSize
    self.cwd = cwd
    self.env = env
    self.args = args
    self.user = user
    self.rlimits = rlimits
    self.capabilities = capabilities
    self.noNewPrivileges = noNewPrivileges
    self.oomScoreAdj = oomScoreAdj
    self.apparmorProfile = apparmorProfile
    self.selinuxLabel = selinuxLabel
    self.scheduler = scheduler
    self.ioPriority = ioPriority
    self.execCPUAffinity = execCPUAffinity
  }
}

extension Process {
  /// In characters. Ignored without a terminal, so its values are not limited here (PR-3).
  package struct ConsoleSize: Equatable, Sendable {
    package var height: UInt64
    package var width: UInt64

    package init(height: UInt64, width: UInt64) {
      self.height = height
      self.width = width
    }
  }

  /// Ids as the container's user namespace counts them.
  package struct User: Equatable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    package var umask: UInt32?
    package var additionalGids: [UInt32]
    /// Of `uid` and `gid`, those that the document did not have and that are 0.
    package var missing: [ByteString]
    /// Of Windows: a name that somebody took for one of the image's.
    package var username: ByteString

    package init(
      uid: UInt32, gid: UInt32, umask: UInt32? = nil, additionalGids: [UInt32] = [],
      missing: [ByteString] = [], username: ByteString = ""
    ) {
      self.uid = uid
      self.gid = gid
      self.umask = umask
      self.additionalGids = additionalGids
      self.missing = missing
      self.username = username
    }
  }

  /// `RLIM_INFINITY` is 2^64 − 1.
  package struct ResourceLimit: Equatable, Sendable {
    package var type: ByteString
    package var soft: UInt64
    package var hard: UInt64

    package init(type: ByteString, soft: UInt64, hard: UInt64) {
      self.type = type
      self.soft = soft
      self.hard = hard
    }
  }

  /// Names as in capabilities(7), with `CAP_`.
  package struct Capabilities: Equatable, Sendable {
    package var bounding: [ByteString]
    package var effective: [ByteString]
    package var inheritable: [ByteString]
    package var permitted: [ByteString]
    package var ambient: [ByteString]

    package init(
      bounding: [ByteString] = [],
      effective: [ByteString] = [],
      inheritable: [ByteString] = [],
      permitted: [ByteString] = [],
      ambient: [ByteString] = []
    ) {
      self.bounding = bounding
      self.effective = effective
      self.inheritable = inheritable
      self.permitted = permitted
      self.ambient = ambient
    }
  }

  /// Times in nanoseconds.
  package struct Scheduler: Equatable, Sendable {
    package var policy: ByteString
    package var nice: Int32
    package var priority: Int32
    package var flags: [ByteString]
    package var runtime: UInt64
    package var deadline: UInt64
    package var period: UInt64

    package init(
      policy: ByteString,
      nice: Int32 = 0,
      priority: Int32 = 0,
      flags: [ByteString] = [],
      runtime: UInt64 = 0,
      deadline: UInt64 = 0,
      period: UInt64 = 0
    ) {
      self.policy = policy
      self.nice = nice
      self.priority = priority
      self.flags = flags
      self.runtime = runtime
      self.deadline = deadline
      self.period = period
    }
  }

  package struct IOPriority: Equatable, Sendable {
    package var ioClass: ByteString
    package var priority: Int32

    package init(ioClass: ByteString, priority: Int32 = 0) {
      self.ioClass = ioClass
      self.priority = priority
    }
  }

  /// CPU lists such as `0-3,7`, before and after an `exec` joins the container's cgroup.
  package struct CPUAffinity: Equatable, Sendable {
    package var initial: ByteString?
    package var final: ByteString?

    package init(initial: ByteString? = nil, final: ByteString? = nil) {
      self.initial = initial
      self.final = final
    }
  }
}

import Bytes

/// The name of an option, spelled here and nowhere else: the table has its row by the key, and what makes
/// a command's value reads it by the key. `Value` is what is read, so that a flag is not read as a number;
/// a key that does not exist does not compile.
///
/// The table spells the names of options that nothing reads.
package struct OptionKey<Value>: Sendable {
  /// The long name; `-name` and `--name` mean the same.
  let name: StaticString
  init(_ name: StaticString) { self.name = name }
}

extension OptionKey where Value == Bool {
  static var all: Self { Self("all") }
  static var check: Self { Self("check") }
  static var allRoots: Self { Self("all-roots") }
  static var debug: Self { Self("debug") }
  static var detach: Self { Self("detach") }
  static var diff: Self { Self("diff") }
  static var drift: Self { Self("drift") }
  static var dryRun: Self { Self("dry-run") }
  static var explainDenials: Self { Self("explain-denials") }
  static var failed: Self { Self("failed") }
  static var force: Self { Self("force") }
  static var help: Self { Self("help") }
  static var ignorePaused: Self { Self("ignore-paused") }
  static var initView: Self { Self("init-view") }
  static var keep: Self { Self("keep") }
  static var list: Self { Self("list") }
  static var noNewKeyring: Self { Self("no-new-keyring") }
  static var noNewPrivs: Self { Self("no-new-privs") }
  static var noPivot: Self { Self("no-pivot") }
  static var noSubreaper: Self { Self("no-subreaper") }
  static var privileged: Self { Self("privileged") }
  static var preDump: Self { Self("pre-dump") }
  static var quiet: Self { Self("quiet") }
  static var regex: Self { Self("regex") }
  static var rootless: Self { Self("rootless") }
  static var security: Self { Self("security") }
  static var stats: Self { Self("stats") }
  static var strict: Self { Self("strict") }
  static var systemdCgroup: Self { Self("systemd-cgroup") }
  static var tty: Self { Self("tty") }
  static var withEnv: Self { Self("with-env") }
  static var version: Self { Self("version") }
}

extension OptionKey where Value == ByteString {
  static var apparmor: Self { Self("apparmor") }
  static var breakPoint: Self { Self("break") }
  static var bundle: Self { Self("bundle") }
  static var cap: Self { Self("cap") }
  static var cgroup: Self { Self("cgroup") }
  static var cgroupManager: Self { Self("cgroup-manager") }
  static var config: Self { Self("config") }
  static var consoleSocket: Self { Self("console-socket") }
  static var criu: Self { Self("criu") }
  static var cpusetCpus: Self { Self("cpuset-cpus") }
  static var cpusetMems: Self { Self("cpuset-mems") }
  static var cwd: Self { Self("cwd") }
  static var env: Self { Self("env") }
  static var explain: Self { Self("explain") }
  static var file: Self { Self("file") }
  static var `for`: Self { Self("for") }
  static var format: Self { Self("format") }
  static var imagePath: Self { Self("image-path") }
  static var l3CacheSchema: Self { Self("l3-cache-schema") }
  static var log: Self { Self("log") }
  static var logFormat: Self { Self("log-format") }
  static var logLevel: Self { Self("log-level") }
  static var lsmMountContext: Self { Self("lsm-mount-context") }
  static var lsmProfile: Self { Self("lsm-profile") }
  static var manageCgroupsMode: Self { Self("manage-cgroups-mode") }
  static var memBwSchema: Self { Self("mem-bw-schema") }
  static var output: Self { Self("output") }
  static var networkLock: Self { Self("network-lock") }
  static var pageServer: Self { Self("page-server") }
  static var parentPath: Self { Self("parent-path") }
  static var pidFile: Self { Self("pid-file") }
  static var pidfdSocket: Self { Self("pidfd-socket") }
  static var process: Self { Self("process") }
  static var processLabel: Self { Self("process-label") }
  static var resources: Self { Self("resources") }
  static var root: Self { Self("root") }
  static var rootfs: Self { Self("rootfs") }
  static var set: Self { Self("set") }
  static var rootless: Self { Self("rootless") }
  static var tools: Self { Self("tools") }
  static var trace: Self { Self("trace") }
  static var traceFormat: Self { Self("trace-format") }
  static var user: Self { Self("user") }
  static var workPath: Self { Self("work-path") }
}

extension OptionKey where Value == UInt64 {
  static var additionalGids: Self { Self("additional-gids") }
  static var asUser: Self { Self("as-user") }
  static var blkioWeight: Self { Self("blkio-weight") }
  static var cpuBurst: Self { Self("cpu-burst") }
  static var cpuPeriod: Self { Self("cpu-period") }
  static var cpuRtPeriod: Self { Self("cpu-rt-period") }
  static var cpuShare: Self { Self("cpu-share") }
  static var preserveFds: Self { Self("preserve-fds") }
  static var statusFd: Self { Self("status-fd") }
  static var threshold: Self { Self("threshold") }
}

extension OptionKey where Value == Int64 {
  static var cpuIdle: Self { Self("cpu-idle") }
  static var cpuQuota: Self { Self("cpu-quota") }
  static var cpuRtRuntime: Self { Self("cpu-rt-runtime") }
  static var pidsLimit: Self { Self("pids-limit") }
}

extension OptionKey where Value == Quantity.Size {
  static var memory: Self { Self("memory") }
  static var memoryReservation: Self { Self("memory-reservation") }
  static var memorySwap: Self { Self("memory-swap") }
}

extension OptionKey where Value == Quantity.Duration {
  static var interval: Self { Self("interval") }
}

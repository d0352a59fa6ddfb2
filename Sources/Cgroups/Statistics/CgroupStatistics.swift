package import Bytes

/// What a container uses, as the files of its cgroup tell. nil stands for what the kernel does
/// not count here. Times in nanoseconds, sizes in bytes.
package struct CgroupStatistics: Equatable, Sendable {
  package var cpu: CPU?
  package var memory: Memory?
  package var pids: Pids?
  package var io: [IODevice] = []
  package var hugetlb: [Hugetlb] = []
  package var cpuPressure: Pressure?
  package var memoryPressure: Pressure?
  package var ioPressure: Pressure?

  /// cpu.stat; times in nanoseconds.
  package struct CPU: Equatable, Sendable {
    package var total: UInt64
    package var user: UInt64
    package var kernel: UInt64
    package var periods: UInt64
    package var throttledPeriods: UInt64
    package var throttledTime: UInt64
  }

  /// memory.*; in bytes.
  package struct Memory: Equatable, Sendable {
    package var usage: Usage
    /// Alone, without memory; nil where the host has no swap accounting.
    package var swap: Usage?
    /// Every line of memory.stat.
    package var raw: [(key: ByteString, value: UInt64)]

    package var cache: UInt64 { raw.first { $0.key == "file" }?.value ?? 0 }

    package static func == (left: Memory, right: Memory) -> Bool {
      left.usage == right.usage && left.swap == right.swap
        && left.raw.elementsEqual(right.raw) { $0 == $1 }
    }
  }

  /// Use and limit of one kind of memory, in bytes.
  package struct Usage: Equatable, Sendable {
    package var current: UInt64
    /// 2^64 − 1 without a limit.
    package var limit: UInt64
    /// nil before Linux 5.19, which began to tell.
    package var peak: UInt64?
  }

  /// pids.*; numbers of tasks.
  package struct Pids: Equatable, Sendable {
    package var current: UInt64
    /// 0 without a limit.
    package var limit: UInt64
  }

  /// One line of io.stat; bytes and operations.
  package struct IODevice: Equatable, Sendable {
    package var major: UInt64
    package var minor: UInt64
    package var readBytes: UInt64
    package var writeBytes: UInt64
    package var reads: UInt64
    package var writes: UInt64
  }

  /// hugetlb.SIZE.*; in bytes.
  package struct Hugetlb: Equatable, Sendable {
    package var pageSize: ByteString
    package var usage: UInt64
    package var failures: UInt64
  }

  /// Pressure stall information (PSI).
  package struct Pressure: Equatable, Sendable {
    package var some: Line?
    package var full: Line?

    /// One line of a pressure file (Documentation/accounting/psi.rst).
    package struct Line: Equatable, Sendable {
      /// In per cent, as the kernel spells them: `0.12`.
      package var avg10: ByteString
      package var avg60: ByteString
      package var avg300: ByteString
      /// In microseconds.
      package var total: UInt64
    }
  }
}

/// The text forms of cgroup files (Documentation/admin-guide/cgroup-v2.rst, "Interface Files").
enum CgroupFile {
  /// `key value` lines with numbers.
  static func flat(_ text: ByteString) -> [(key: ByteString, value: UInt64)] {
    text.split(on: 0x0a).compactMap {
      guard let (key, value) = $0.cut(at: 0x20), let number = value.unsignedDecimal else {
        return nil
      }
      return (key, number)
    }
  }

  static func value(_ key: ByteString, _ flat: [(key: ByteString, value: UInt64)]) -> UInt64 {
    flat.first { $0.key == key }?.value ?? 0
  }

  /// `name key=value key=value` lines.
  static func nested(_ text: ByteString) -> [(
    name: ByteString, values: [(key: ByteString, value: ByteString)]
  )] {
    text.split(on: 0x0a).filter { !$0.isEmpty }.map { line in
      let words = line.split(on: 0x20)
      let values = words.dropFirst().compactMap { word in
        word.cut(at: UInt8(ascii: "=")).map { (key: $0.before, value: $0.after) }
      }
      return (words[0], values)
    }
  }

  /// A number, or `max`.
  static func limit(_ text: ByteString) -> UInt64? {
    let line = text.split(on: 0x0a)[0]
    return line == "max" ? .max : line.unsignedDecimal
  }
}

extension CgroupStatistics.CPU {
  init(stat text: ByteString) {
    let stat = CgroupFile.flat(text)
    func nanoseconds(_ key: ByteString) -> UInt64 {
      CgroupFile.value(key, stat).multipliedReportingOverflow(by: 1000).partialValue
    }
    self.init(
      total: nanoseconds("usage_usec"), user: nanoseconds("user_usec"),
      kernel: nanoseconds("system_usec"), periods: CgroupFile.value("nr_periods", stat),
      throttledPeriods: CgroupFile.value("nr_throttled", stat),
      throttledTime: nanoseconds("throttled_usec"))
  }
}

extension CgroupStatistics.Pressure {
  init?(_ text: ByteString) {
    for (name, values) in CgroupFile.nested(text) {
      func text(_ key: ByteString) -> ByteString { values.first { $0.key == key }?.value ?? "0.00" }
      let line = Line(
        avg10: text("avg10"), avg60: text("avg60"), avg300: text("avg300"),
        total: text("total").unsignedDecimal ?? 0)
      if name == "some" { some = line }
      if name == "full" { full = line }
    }
    if some == nil && full == nil { return nil }
  }
}

extension CgroupStatistics.IODevice {
  static func list(stat text: ByteString) -> [CgroupStatistics.IODevice] {
    CgroupFile.nested(text).compactMap { (name, values) in
      guard let (major, minor) = name.cut(at: UInt8(ascii: ":")),
        let major = major.unsignedDecimal, let minor = minor.unsignedDecimal
      else { return nil }
      func number(_ key: ByteString) -> UInt64 {
        values.first { $0.key == key }?.value.unsignedDecimal ?? 0
      }
      return CgroupStatistics.IODevice(
        major: major, minor: minor, readBytes: number("rbytes"), writeBytes: number("wbytes"),
        reads: number("rios"), writes: number("wios"))
    }
  }
}

import Bytes
import Cgroups
import Container
import JSON
import Linux
import Report
import StateStore

/// `events`: what a container uses, and when the kernel kills in it for memory. One JSON object a line,
/// of runc's shape.
enum Events {
  static func perform(_ options: EventsOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let container = try Container.require(options.id, context)
    try container.check(.events, context)
    guard let cgroup = try container.cgroup(context) else {
      throw CommandFailure("the container has no cgroup to measure")
    }
    if options.stats {
      try writeStatistics(of: cgroup, container.id.text)
      return 0
    }
    let watch = try attempt(CgroupError.self, CgroupWatch(cgroup))
    var next = Clock.monotonicNanoseconds + options.intervalNanoseconds
    while true {
      let left = max(0, (next - Clock.monotonicNanoseconds + 999_999) / 1_000_000)
      let event = try attempt(SyscallError.self, watch.next(milliseconds: left))
      switch event {
      case .empty: return 0
      case .outOfMemory: try write("oom", container.id.text, nil)
      case .timeout:
        try writeStatistics(of: cgroup, container.id.text)
        next = Clock.monotonicNanoseconds + options.intervalNanoseconds
      }
    }
  }

  private static func writeStatistics(of cgroup: Cgroup, _ id: ByteString) throws(CommandFailure) {
    let statistics = try attempt(CgroupError.self, cgroup.statistics())
    try write("stats", id, statistics.json)
  }

  private static func write(_ type: ByteString, _ id: ByteString, _ data: JSONValue?)
    throws(CommandFailure)
  {
    var object = JSONObject()
    object["type"] = .string(type)
    object["id"] = .string(id)
    object["data"] = data
    try Output.write(JSONValue.object(object).encoded() + [0x0a])
  }
}

extension CgroupStatistics {
  var json: JSONValue {
    var object = JSONObject()
    object["cpu"] = cpuJSON
    // Of cgroup v1 only.
    object["cpuset"] = [:]
    object["memory"] = memoryJSON
    object["pids"] = pids.map { ["current": .integer($0.current), "limit": .integer($0.limit)] }
    object["blkio"] = ioJSON
    var pages = JSONObject()
    for page in hugetlb {
      pages[page.pageSize] = ["usage": .integer(page.usage), "failcnt": .integer(page.failures)]
    }
    object["hugetlb"] = .object(pages)
    object["intel_rdt"] = [:]
    object["network_interfaces"] = .null
    return .object(object)
  }

  private var cpuJSON: JSONValue {
    var object = JSONObject()
    if let cpu {
      object["usage"] = [
        "total": .integer(cpu.total), "kernel": .integer(cpu.kernel), "user": .integer(cpu.user),
      ]
      object["throttling"] = [
        "periods": .integer(cpu.periods), "throttledPeriods": .integer(cpu.throttledPeriods),
        "throttledTime": .integer(cpu.throttledTime),
      ]
    }
    object["psi"] = cpuPressure?.json
    return .object(object)
  }

  private var memoryJSON: JSONValue {
    var object = JSONObject()
    if let memory {
      object["cache"] = .integer(memory.cache)
      object["usage"] = memory.usage.json
      if let swap = memory.swap {
        // Both together, as cgroup v1 counted.
        object["swap"] = [
          "usage": .integer(memory.usage.current &+ swap.current),
          "limit": .integer(
            memory.usage.limit > .max - swap.limit ? .max : memory.usage.limit + swap.limit),
        ]
      }
      var raw = JSONObject()
      for (key, value) in memory.raw { raw[key] = .integer(value) }
      object["raw"] = .object(raw)
    }
    object["psi"] = memoryPressure?.json
    return .object(object)
  }

  private var ioJSON: JSONValue {
    var object = JSONObject()
    object["ioServiceBytesRecursive"] = .array(
      io.flatMap { [$0.json("Read", $0.readBytes), $0.json("Write", $0.writeBytes)] })
    object["ioServicedRecursive"] = .array(
      io.flatMap { [$0.json("Read", $0.reads), $0.json("Write", $0.writes)] })
    object["psi"] = ioPressure?.json
    return .object(object)
  }
}

extension CgroupStatistics.IODevice {
  fileprivate func json(_ operation: ByteString, _ value: UInt64) -> JSONValue {
    [
      "major": .integer(major), "minor": .integer(minor), "op": .string(operation),
      "value": .integer(value),
    ]
  }
}

extension CgroupStatistics.Usage {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["limit"] = .integer(limit)
    object["usage"] = .integer(current)
    object["max"] = peak.map { .integer($0) }
    object["failcnt"] = 0
    return .object(object)
  }
}

extension CgroupStatistics.Pressure {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["some"] = some?.json
    object["full"] = full?.json
    return .object(object)
  }
}

extension CgroupStatistics.Pressure.Line {
  // Numbers as the kernel spells them.
  fileprivate var json: JSONValue {
    [
      "avg10": .number(avg10), "avg60": .number(avg60), "avg300": .number(avg300),
      "total": .integer(total),
    ]
  }
}

import Bytes
import Linux
import Testing

@testable import Cgroups

@Suite("Statistics")
struct StatisticsTests {
  @Test("cpu.stat, in nanoseconds")
  func cpu() {
    let text: ByteString = """
      usage_usec 2500
      user_usec 1500
      system_usec 1000
      nr_periods 4
      nr_throttled 3
      throttled_usec 20
      new_key 7

      """
    #expect(
      CgroupStatistics.CPU(stat: text)
        == .init(
          total: 2_500_000, user: 1_500_000, kernel: 1_000_000, periods: 4, throttledPeriods: 3,
          throttledTime: 20000))
  }

  @Test("io.stat, a line a device")
  func io() {
    let text: ByteString = """
      8:16 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0
      253:0
      bad

      """
    #expect(
      CgroupStatistics.IODevice.list(stat: text) == [
        .init(major: 8, minor: 16, readBytes: 10, writeBytes: 20, reads: 1, writes: 2),
        .init(major: 253, minor: 0, readBytes: 0, writeBytes: 0, reads: 0, writes: 0),
      ])
  }

  @Test("pressure, with one line or two")
  func pressure() {
    let some: ByteString = "some avg10=0.12 avg60=1.00 avg300=100.00 total=77\n"
    let line = CgroupStatistics.Pressure.Line(
      avg10: "0.12", avg60: "1.00", avg300: "100.00", total: 77)
    #expect(CgroupStatistics.Pressure(some)?.some == line)
    #expect(CgroupStatistics.Pressure(some)?.full == nil)
    let both = CgroupStatistics.Pressure(some + "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n")
    #expect(both?.full?.total == 1 && both?.some == line)
    #expect(CgroupStatistics.Pressure("") == nil)
  }

  @Test("limits: a number or max")
  func limits() {
    #expect(CgroupFile.limit("max\n") == .max)
    #expect(CgroupFile.limit("4096\n") == 4096)
    #expect(CgroupFile.limit("\n") == nil)
  }

  @Test("an OOM kill says where the limit was, in a line")
  func outOfMemory() {
    let report = OutOfMemory(kills: 2, cgroup: "/pod", limit: 4096, peak: 1234)
    #expect(
      report.message.description
        == ("the OOM killer killed 2 processes: cgroup `/pod` reached its limit of 4096 bytes; "
          + "the container used at most 1234"))
  }
}

@Suite("Statistics of the kernel", .enabled(if: Kernel.canMakeCgroups, Kernel.reason), .serialized)
struct MeasurementTests {
  @Test("what is counted is read, and a missing controller is a gap")
  func measure() throws {
    try Kernel.withCgroup("measure") { cgroup in
      let child = try Kernel.spawn(
        ["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 60"],
        in: cgroup.directory)
      var total: UInt64 = 0
      for _ in 0..<200 where total < 1_000_000 {
        Clock.sleep(milliseconds: 10)
        total = try cgroup.statistics().cpu?.total ?? 0
      }
      #expect(total >= 1_000_000)
      let statistics = try cgroup.statistics()
      #expect(statistics.pids?.current ?? 0 >= 1)
      try #expect(
        (statistics.memory == nil) != Cgroup.hasFile("memory.current", in: cgroup))
      #expect(cgroup.outOfMemory() == nil)
      try child.send(.kill)
      _ = try child.wait()
    }
  }

  @Test("the end of the last process wakes the watch")
  func watch() throws {
    try Kernel.withCgroup("watch") { cgroup in
      let child = try Kernel.spawn(["/bin/sleep", "0.1"], in: cgroup.directory)
      let watch = try CgroupWatch(cgroup)
      try #expect(watch.next(milliseconds: 0) == .timeout)
      try #expect(watch.next(milliseconds: 5000) == .empty)
      _ = try child.wait()
      try cgroup.destroy()
      try #expect(watch.next(milliseconds: 10) == .empty)
    }
  }
}

extension Cgroup {
  fileprivate static func hasFile(_ name: ByteString, in cgroup: Cgroup) throws -> Bool {
    do throws(SyscallError) {
      _ = try cgroup.files.read(name)
      return true
    } catch {
      return false
    }
  }
}

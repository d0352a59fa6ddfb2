import Bytes
import CRIU
import Foundation
import Linux
import Testing

@Suite("what ends the wait for criu", .serialized)
struct ProgressTests {
  /// Answers of a `criu` that is this script, with limits of seconds.
  private static func error(
    _ script: String, enter: () throws(SyscallError) -> Void = {}
  ) throws -> CRIUError? {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let program = directory.appendingPathComponent("criu").path
    try ("#!/bin/sh\ncd '" + directory.path + "'\n" + script).write(
      toFile: program, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let handle = try Handle.currentDirectory.open(ByteString(directory.path), [.directory])
    var progress = CRIUProgress(directory: handle.handle, log: "log")
    (progress.silence, progress.stall, progress.stallAfterFailure) = (7, 4, 2)
    do throws(CRIUError) {
      _ = try CRIUClient.start(ByteString(program), streams: [], enter: enter).perform(
        CRIURequest(.restore), .working(progress))
      return nil
    } catch {
      return error
    }
  }

  private static func stalled(_ error: CRIUError?) -> Int64? {
    if case .stalled(let seconds) = error { return seconds }
    return nil
  }

  @Test("one that does nothing is given up, sooner once it has said that it failed")
  func idle() throws {
    #expect(Self.stalled(try Self.error("exec sleep 30")) ?? 0 >= 4)
    let failed = Self.stalled(
      try Self.error("echo '(0.1) Error (x.c:1): Restoring FAILED.' >log; exec sleep 30"))
    #expect((2...3).contains(failed ?? 0))
  }

  @Test("one whose log grows, or that a child of it works for, is waited for")
  func busy() throws {
    let logs = "for i in 1 2 3 4 5 6 7 8 9; do echo $i >>log; sleep 1; done; exit 3"
    #expect(try Self.error(logs) == .ended(.exited(3)))
    let works = "timeout 5 sh -c 'while :; do :; done' & sleep 5.5; kill -KILL $$"
    #expect(try Self.error(works) == .ended(.signaled(9)))
  }

  @Test("one that is busy but never writes a line is given up in the end")
  func spins() throws {
    #expect(Self.stalled(try Self.error("while :; do :; done")) ?? 0 >= 7)
  }

  @Test("what fails before it is criu is told as the error of the call")
  func entrance() throws {
    let error = try Self.error("exit 0") { () throws(SyscallError) in
      throw SyscallError("unshare", "", .EPERM)
    }
    guard case .failed(let errno, let message) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(errno == Errno.EPERM.rawValue && message.contains(UInt8(ascii: "u")))
  }
}

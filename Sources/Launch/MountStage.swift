package import Bytes
package import Linux
package import Namespaces
package import Rootfs

/// A process in the namespaces of a container that runs, which mounts and unmounts there for the parent.
///
/// Only its next child would be in the container's pid namespace, so no process of the container sees
/// it; it stays in the runtime's cgroup, so a paused container does not pause it. What it has of the
/// host are descriptors, none of them reachable by a path. It outlives a parent that is killed: half of
/// the mounts are taken back then, all of them stay.
package final class MountStage {
  private let child: ProcessHandle
  private let channel: SharedDescriptor
  private var isEnded = false

  private init(_ child: ProcessHandle, _ channel: SharedDescriptor) {
    self.child = child
    self.channel = channel
  }

  /// Clones the process, and returns once it is in `namespaces`.
  package static func enter(
    _ namespaces: [OpenedNamespace], _ rootfs: RootfsContext, isPrivileged: Bool
  ) throws(StepFailure) -> MountStage {
    let stage: MountStage
    do throws(SyscallError) {
      // Whoever is root in the container's user namespace could look into it otherwise.
      if isPrivileged { try ThisProcess.setDumpable(false) }
      let (own, other) = try Socket.pair(.sequencedPacket)
      switch try ThisProcess.clone() {
      case .child:
        own.closeInChild()
        MountServer(rootfs, other).run(namespaces)
      case .parent(let child): stage = MountStage(child, own)
      }
    } catch {
      throw StepFailure(step: MountServer.entrance, error)
    }
    _ = try stage.receive()
    return stage
  }

  /// Makes the mount with this place in the plan. `record` gets its id before it is attached, and
  /// says whether it may be.
  package func mount(_ index: Int, record: (MountID) -> Bool) throws(StepFailure) {
    let id = try mountID(try ask(MountServer.mount, encoded(UInt64(index))))
    guard record(id) else { throw MountStage.failure("the mount is not recorded") }
    _ = try ask(MountServer.proceed)
  }

  /// What is mounted at `path`, which is unmounted later; nil for what is no mount, or not `wanted`.
  package func find(_ path: ByteString, _ wanted: MountID? = nil) throws(StepFailure) -> MountID? {
    let id = wanted.map { encoded($0.unique) + encoded($0.number) } ?? []
    let answer = try ask(MountServer.find, [UInt8(id.count)] + id + Array(path.bytes))
    return answer.count == 1 ? nil : try mountID(answer)
  }

  /// Unmounts all that `find` has found.
  package func unmount() throws(StepFailure) { _ = try ask(MountServer.unmount) }

  /// Ends it; with `undo` it takes back what it has mounted.
  package func end(undo: Bool) {
    guard !isEnded else { return }
    isEnded = true
    do throws(SyscallError) {
      try Socket.send(channel.handle, [undo ? MountServer.undo : MountServer.proceed])
      if try child.wait(milliseconds: 10_000) != nil { return }
    } catch {
      // It is gone, or is ended now.
    }
    child.end()
  }

  private func ask(_ word: UInt8, _ bytes: [UInt8] = []) throws(StepFailure) -> [UInt8] {
    do throws(SyscallError) { try Socket.send(channel.handle, [word] + bytes) } catch {
      throw MountStage.killed
    }
    return try receive()
  }

  private func receive() throws(StepFailure) -> [UInt8] {
    let answer: [UInt8]
    do throws(SyscallError) { answer = try awaitAnswer() } catch {
      throw StepFailure(step: MountServer.entrance, error)
    }
    switch answer.first {
    case MountServer.proceed: return answer
    case MountServer.failed: throw StepFailure(record: answer.dropFirst())
    default: throw MountStage.killed
    }
  }

  /// A container in the runtime's pid namespace may stop the process, or kill it.
  private func awaitAnswer() throws(SyscallError) -> [UInt8] {
    var halts = 0
    while halts < 5 {
      let events = try Polling.wait(
        [(channel.handle, .input), (child.handle, .input)], milliseconds: 1000)
      if !events[0].isEmpty {
        return try Socket.receive(channel.handle, limit: MountServer.limit)
      }
      if !events[1].isEmpty { return [] }
      halts = try child.isStopped() ? halts + 1 : 0
    }
    throw .unmet("a process of the container stopped the one that joins it, for 5 seconds")
  }

  private static var killed: StepFailure { failure("the process that joined it was killed") }

  private static func failure(_ reason: ByteString) -> StepFailure {
    StepFailure(step: MountServer.entrance, pointer: "", reason: reason)
  }

  private func mountID(_ answer: [UInt8]) throws(StepFailure) -> MountID {
    guard answer.count == 17 else { throw MountStage.failure("the answer is no mount's id") }
    return MountID(unique: decoded(answer[1..<9]), number: decoded(answer[9...]))
  }
}

func encoded(_ number: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

func decoded(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

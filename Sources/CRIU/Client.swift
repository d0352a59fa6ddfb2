package import Bytes
package import Linux

/// Why CRIU did not do what it was asked for.
package enum CRIUError: Error, Equatable, Sendable {
  /// A call of ours, or one of the process that becomes CRIU.
  case system(SyscallError)
  /// It ended without an answer; nil if nobody knows how.
  case ended(ProcessEnd?)
  /// It did nothing for so many seconds, and was ended.
  case stalled(Int64)
  case malformed(ByteString)
  /// It answered that it failed, with what it says first.
  case failed(errno: Int32, ByteString)
  /// Who served it refused to go on.
  case refused(ByteString)
}

/// A `criu swrk`: one process that takes one request over a socket and may ask back before it answers.
package final class CRIUClient {
  private let process: ProcessHandle
  private var socket: SharedDescriptor?
  private let undoesItself: Bool
  /// Of one message.
  private static let limit = 64 << 10
  /// How long CRIU may take to end after its answer, in milliseconds.
  private static let endTimeout: Int32 = 10_000
  /// The socket's number in CRIU, and the first one of what it inherits.
  private static let socketNumber: Int32 = 3
  package static let firstInherited: Int32 = 4

  private init(_ process: ProcessHandle, _ socket: SharedDescriptor, undoesItself: Bool) {
    self.process = process
    self.socket = socket
    self.undoesItself = undoesItself
  }

  /// Starts `program`.
  ///
  /// - Parameters:
  ///   - streams: its standard streams; with none it gets the null device.
  ///   - inherited: the descriptors that it has from `firstInherited` on.
  ///   - cgroup: where it and what it restores are; nil leaves it in the caller's.
  ///   - undoesItself: it is not killed with us, nor by an error of ours before it had its time: without a
  ///     socket it fails at its next question, and lets go of what it holds of processes that live.
  ///   - enter: performed by the process before it is CRIU: what it joins, CRIU and what it restores
  ///     are in.
  package static func start(
    _ program: ByteString, streams: [Handle], inherited: [Handle] = [], cgroup: Handle? = nil,
    undoesItself: Bool = false,
    enter: () throws(SyscallError) -> Void = {}
  ) throws(CRIUError) -> CRIUClient {
    do throws(SyscallError) {
      let null = SharedDescriptor(try Handle.currentDirectory.open("/dev/null", .readWrite))
      let streams = streams.isEmpty ? [null.handle, null.handle, null.handle] : streams
      let (own, other) = try Socket.pair(.sequencedPacket)
      switch try ThisProcess.clone(into: cgroup) {
      case .child:
        become(program, streams, [other.handle] + inherited) { () throws(SyscallError) in
          // A terminal's signals are for us to judge.
          if undoesItself {
            try ThisProcess.makeSession()
          } else {
            try ThisProcess.setParentDeathSignal(.kill)
          }
          try enter()
        }
      case .parent(let child): return CRIUClient(child, own, undoesItself: undoesItself)
      }
    } catch {
      throw .system(error)
    }
  }

  private static func become(
    _ program: ByteString, _ streams: [Handle], _ inherited: [Handle],
    _ enter: () throws(SyscallError) -> Void
  ) -> Never {
    var socket = inherited[0]
    do throws(SyscallError) {
      try enter()
      try Signals.resetAll()
      // Copies above all numbers that are going to be filled, so that none is overwritten before its turn.
      let count = Int32(streams.count + inherited.count)
      let copies = try (streams + inherited).map { (handle) throws(SyscallError) in
        SharedDescriptor(try handle.duplicated(atLeast: count))
      }
      for (number, copy) in copies.enumerated() { try copy.handle.duplicate(onto: Int32(number)) }
      socket = Handle(raw: socketNumber)
      try DescriptorRange.close(from: UInt32(count))
      let image = ExecutableImage(
        arguments: ["criu", "swrk", ByteString(decimal: socketNumber)],
        environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
      throw image.execute(program)
    } catch {
      // In CRIU's words: nobody else could say why there is none.
      let answer = CRIUResponse.failure(errno: error.errno.rawValue, error.message)
      do throws(SyscallError) { try Socket.send(socket, answer) } catch {}
      ThisProcess.exit(127)
    }
  }

  /// Sends the request and serves what CRIU asks until it answers. Then it is gone.
  ///
  /// - Parameters:
  ///   - serve: called at each notification, with the descriptors that came with it. An error ends CRIU.
  package func perform(
    _ request: CRIURequest, _ patience: CRIUPatience,
    serve: (CRIUNotification, [SharedDescriptor]) throws(CRIUError) -> Void = { _, _ in }
  ) throws(CRIUError) -> CRIUResponse {
    do throws(CRIUError) {
      try send(request)
      while true {
        let (response, descriptors) = try receive(patience)
        guard response.action == CRIUAction.notify.rawValue else {
          try finish()
          return try check(response)
        }
        guard let notification = response.notification else {
          throw .malformed("a notification without a name")
        }
        try serve(notification, descriptors)
        try send(CRIURequest(.notify))
      }
    } catch {
      let end = giveUp(undoesItself || error == .ended(nil))
      throw error == .ended(nil) ? .ended(end) : error
    }
  }

  /// How it ended, if it did so by itself.
  private func giveUp(_ waits: Bool) -> ProcessEnd? {
    socket = nil
    if waits {
      do throws(SyscallError) {
        if let end = try process.wait(milliseconds: CRIUClient.endTimeout) { return end }
      } catch {}
    }
    process.end()
    return nil
  }

  private func check(_ response: CRIUResponse) throws(CRIUError) -> CRIUResponse {
    if response.succeeded { return response }
    throw .failed(errno: response.errno, response.message)
  }

  private func send(_ request: CRIURequest) throws(CRIUError) {
    guard let socket else { throw .ended(nil) }
    do throws(SyscallError) { try Socket.send(socket.handle, request.encoded) } catch {
      // It has ended, and may have said why.
      if error.errno != .EPIPE { throw .system(error) }
    }
  }

  private func receive(_ patience: CRIUPatience) throws(CRIUError) -> (
    CRIUResponse, [SharedDescriptor]
  ) {
    guard let socket else { throw .ended(nil) }
    let message: (bytes: [UInt8], descriptors: [SharedDescriptor])?
    // What it restores may hold the socket, too: its own end is another thing to wait for.
    let events = try wait([(socket.handle, .input), (process.handle, .input)], patience)
    do throws(SyscallError) {
      message = events[0].isEmpty ? nil : try take(socket.handle)
    } catch {
      throw .system(error)
    }
    guard let message, !message.bytes.isEmpty else { throw .ended(nil) }
    do throws(ProtobufError) {
      return (try CRIUResponse(message.bytes), message.descriptors)
    } catch {
      throw .malformed(error.reason)
    }
  }

  /// Who ends without having read our request breaks the connection; what it said before can still be read.
  private func take(_ socket: Handle) throws(SyscallError) -> (
    bytes: [UInt8], descriptors: [SharedDescriptor]
  ) {
    do throws(SyscallError) {
      return try Socket.receiveDescriptors(socket, limit: CRIUClient.limit)
    } catch {
      if error.errno != .ECONNRESET { throw error }
    }
    return try Socket.receiveDescriptors(socket, limit: CRIUClient.limit)
  }

  private func wait(_ handles: [(Handle, Polling.Events)], _ patience: CRIUPatience)
    throws(CRIUError) -> [Polling.Events]
  {
    var milliseconds = CRIUProgress.interval
    var progress: CRIUProgress?
    switch patience {
    case .brief(let most): milliseconds = most
    case .working(let work):
      progress = work
      progress?.begin()
    }
    while true {
      do throws(SyscallError) {
        let events = try Polling.wait(handles, milliseconds: milliseconds)
        if events.contains(where: { !$0.isEmpty }) { return events }
        if progress == nil { throw SyscallError.unmet("no answer in time", "criu") }
      } catch {
        throw .system(error)
      }
      if let seconds = progress?.stalled() { throw .stalled(seconds) }
    }
  }

  /// It goes when its socket is closed. A pre-dump ends with a status that says nothing.
  private func finish() throws(CRIUError) {
    socket = nil
    do throws(SyscallError) {
      let ended = try Polling.wait([(process.handle, .input)], milliseconds: CRIUClient.endTimeout)
      if ended[0].isEmpty { throw SyscallError.unmet("does not end", "criu") }
      _ = try process.wait()
    } catch {
      throw .system(error)
    }
  }
}

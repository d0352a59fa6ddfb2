package import Bytes
package import Console
package import Linux
import Plan
package import Report
package import StateStore

/// Between a container and the service manager that waits for it (sd_notify(3)): the container has a
/// socket of its own, and what it says there reaches the manager as our words. The manager would not
/// listen to a process that is not of its service, and a container may not say everything.
package final class NotifyProxy {
  private let manager: SharedDescriptor
  private let socket: SharedDescriptor
  private let container: StateDirectory
  /// What the manager has not taken yet.
  private var waiting: [UInt8]?

  /// The manager's socket, if one waits for us: a path, or `@` and a name in the abstract namespace.
  package static var managerPath: ByteString? { variable.isNamed ? variable.value : nil }

  /// What the variable says where that is no socket that a manager could be reached at.
  package static var strangeManager: ByteString? {
    variable.isNamed || variable.value.isEmpty ? nil : variable.value
  }

  private static var variable: (value: ByteString, isNamed: Bool) {
    let value = ProcessArguments.variable("NOTIFY_SOCKET") ?? ""
    return (value, value.hasPrefix("/") || value.hasPrefix("@") && value.count > 1)
  }

  /// Opens both ends, before the program can say anything; nil where nobody waits, or the container
  /// was created without.
  package static func open(
    _ directory: StateDirectory, _ log: Log
  ) throws(CommandFailure) -> NotifyProxy? {
    guard let path = managerPath else { return nil }
    let manager: SharedDescriptor
    do throws(SyscallError) { manager = try NotifyProxy.connect(path) } catch {
      // A variable that was left over from somewhere must not keep a container from starting.
      log.warning("NOTIFY_SOCKET: readiness cannot be reported: " + error.message)
      return nil
    }
    let own: SharedDescriptor?
    do throws(SyscallError) { own = try directory.openNotifyDirectory() } catch {
      throw CommandFailure(error)
    }
    guard let own else { return nil }
    do throws(SyscallError) {
      return NotifyProxy(
        manager: manager, socket: try NotifyProxy.bind(in: own.handle), container: directory)
    } catch {
      throw CommandFailure("NOTIFY_SOCKET: " + error.message)
    }
  }

  private init(manager: SharedDescriptor, socket: SharedDescriptor, container: StateDirectory) {
    self.manager = manager
    self.socket = socket
    self.container = container
  }

  private static func connect(_ path: ByteString) throws(SyscallError) -> SharedDescriptor {
    let manager = SharedDescriptor(try Socket.make(.datagram))
    if path.hasPrefix("@") {
      try Socket.connect(manager.handle, toAbstract: path, milliseconds: 10_000)
    } else {
      try Socket.connect(manager.handle, to: path, milliseconds: 10_000)
    }
    return manager
  }

  private static func bind(in directory: Handle) throws(SyscallError) -> SharedDescriptor {
    let name = NotifyMount.socketName
    // Of a `start` that was killed before it let init go on.
    do throws(SyscallError) { try directory.unlink(name) } catch {
      if error.errno != .ENOENT { throw error }
    }
    let socket = SharedDescriptor(try Socket.make(.datagram))
    // For the container's user, whoever that is: the kernel makes it with all rights, but for the mask. A
    // mode that is changed by name is that of whatever the container has put there.
    let mask = ThisProcess.setUmask(0)
    defer { ThisProcess.setUmask(mask) }
    try Socket.bind(socket.handle, to: directory.descriptorPath.appending(name))
    try socket.handle.setNonBlocking()
    return socket
  }
}

extension NotifyProxy {
  /// What a container may say. Not `MAINPID` or `FDSTORE`: which process and which descriptors are the
  /// service's is not for it to decide.
  private static func allows(_ line: ByteString) -> Bool {
    guard let (name, _) = line.cut(at: UInt8(ascii: "=")) else { return false }
    switch name {
    case "READY", "RELOADING", "STOPPING", "MONOTONIC_USEC", "STATUS", "ERRNO", "WATCHDOG",
      "EXTEND_TIMEOUT_USEC":
      return true
    default: return false
    }
  }

  /// Hands on the next message. Whether the container is ready.
  private func forward(mainProcess: Int32) throws(SyscallError) -> Bool {
    guard let (message, isReady) = try next(mainProcess: mainProcess) else { return false }
    try Socket.send(manager.handle, message)
    return isReady
  }

  /// The next message with anything in it for the manager, and once the container is ready which process
  /// it is that the manager should watch.
  private func next(mainProcess: Int32) throws(SyscallError) -> (message: [UInt8], isReady: Bool)? {
    let message: [UInt8]
    do throws(SyscallError) { message = try Socket.receive(socket.handle, limit: 4096) } catch {
      // Too long, or nothing there after all.
      if error.errno == .EMSGSIZE || error.errno == .EAGAIN { return nil }
      throw error
    }
    var lines = ByteString(message).split(on: 0x0a).filter(NotifyProxy.allows)
    if lines.isEmpty { return nil }
    let isReady = lines.contains("READY=1")
    if isReady { lines.append("MAINPID=" + ByteString(decimal: mainProcess)) }
    return (Array(lines.joined(by: "\n").bytes), isReady)
  }

  /// As long as we are in the foreground the service is us, and everything is handed on. A manager that
  /// went away is no reason to end the container, and one that does not read holds up nothing: what it
  /// has not taken waits, and the container's next words wait behind it.
  package var extraSource: ForegroundRelay.ExtraSource {
    ForegroundRelay.ExtraSource(
      watched: { [self] in waiting == nil ? (socket.handle, .input) : (manager.handle, .output) },
      serve: { [self] in
        do throws(SyscallError) { try forwardAll() } catch { waiting = nil }
      })
  }

  /// Everything that can go without waiting: the container may have ended. No more than a queue holds,
  /// or one that goes on talking would keep us from all else.
  private func forwardAll() throws(SyscallError) {
    for _ in 0..<512 {
      if let message = waiting {
        let events = try Polling.wait([(manager.handle, .output)], milliseconds: 0)
        if events[0].isEmpty { return }
        waiting = nil
        try Socket.send(manager.handle, message)
      }
      let events = try Polling.wait([(socket.handle, .input)], milliseconds: 0)
      guard events[0].contains(.input) else { return }
      waiting = try next(mainProcess: ThisProcess.id)?.message
    }
  }

  /// Until the container is ready, and the manager knows it, or has ended. One that another command has
  /// deleted meanwhile was never ready; a program may end without a word.
  package func wait(for process: ProcessHandle) throws(CommandFailure) {
    if try isReady(process) { return }
    do throws(StateError) { try container.lock().release() } catch {
      if case .doesNotExist = error {
        throw CommandFailure("the container was deleted before it was ready")
      }
    }
  }

  /// False if it ended first.
  private func isReady(_ process: ProcessHandle) throws(CommandFailure) -> Bool {
    try CommandFailure.from { () throws(SyscallError) in
      // The container runs: a signal ends nothing but this wait.
      try Interruption.end()
      while true {
        let events = try Polling.wait(
          [(socket.handle, .input), (process.handle, .input)], milliseconds: -1)
        if events[0].contains(.input) {
          if try forward(mainProcess: process.pid) {
            try awaitManager()
            return true
          }
        } else if !events[1].isEmpty {
          return false
        }
      }
    }
  }

  /// The manager looks up whose message it is when it reads it: until then we must be there. It closes
  /// the pipe when it has read everything.
  private func awaitManager() throws(SyscallError) {
    let reading: SharedDescriptor
    do {
      let (read, write) = try makePipe()
      try Socket.send(manager.handle, Array("BARRIER=1".utf8), descriptors: [write.handle])
      reading = read
    }
    _ = try Polling.wait([(reading.handle, .input)], milliseconds: 30_000)
  }
}

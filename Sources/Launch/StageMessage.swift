package import Bytes
package import Linux

/// Everything that parent and init say to each other, in this order:
///
/// | from | message | when | what the other does |
/// |---|---|---|---|
/// | init | `needsMaps` | it is in a new user or time namespace | writes id maps and time offsets, answers `proceed` |
/// | init | `cloned` + descriptor | it has cloned the process that is init from now on, and ends | takes that one, answers `proceed` to it; in an `exec`, whose second process goes on to `ready`, the answer to that, if nothing has to wait for it |
/// | parent | `network` + descriptor | at once, where it makes the network namespace | init takes it when it needs it |
/// | init | `entered` | it is in all its namespaces | looks at it; no answer |
/// | init | `mountsDone` | every mount is made, before pivot_root | runs prestart and createRuntime hooks, answers `proceed` |
/// | init | `listens` | its filter notifies, and the descriptor with this number is going to be the listener | answers `proceed`, takes the listener once it is there |
/// | init | `terminal` + descriptor | foreground only | keeps the master |
/// | init | `ready` | nothing is left that needs the host | sets limits, records the pid, answers `proceed`, or `start` if nothing is left to do before the program |
/// | init | `created` | the program was found, the user is entered | reports success; `run` answers `proceed` to start, unless it has said `start` |
/// | init | `halts` | before a step that `--break` names, also after `created` | waits for the caller, answers `proceed` |
/// | init | `failed` + record | any step failed | tears down |
/// | init | `refused` | execve failed under the filter | tears down |
///
/// A closed channel before `created` means that init died; after it, that the program was executed.
package enum StageMessage: Equatable, Sendable {
  case needsMaps
  case cloned
  case mountsDone
  case listens(Int32)
  case terminal
  case ready
  case created
  case proceed
  case start
  case network
  case entered
  case failed(StepFailure)
  /// The path of the program, and what execve answered.
  case refused(ByteString, Errno)
  /// Of the step with this place.
  case halts(Int32)

  /// Whether init waits for an answer to it after its second clone.
  var isAnswered: Bool {
    switch self {
    case .mountsDone, .listens, .ready, .halts: true
    case .needsMaps, .cloned, .terminal, .created, .proceed, .start, .network, .entered, .failed,
      .refused:
      false
    }
  }

  /// The longest message: a kind and a failure's record.
  static let limit = 4096

  var bytes: [UInt8] {
    switch self {
    case .needsMaps: [1]
    case .cloned: [8]
    // Descriptors have numbers below 2^20.
    case .listens(let number): [9] + StageMessage.bytes(number)
    case .halts(let number): [11] + StageMessage.bytes(number)
    case .mountsDone: [2]
    case .terminal: [3]
    case .ready: [4]
    case .created: [5]
    case .proceed: [6]
    case .start: [12]
    case .network: [13]
    case .entered: [14]
    case .failed(let failure): [7] + failure.record
    // The errno stands where `ExecutionReport` puts it.
    case .refused(let path, let errno):
      [
        10, UInt8(truncatingIfNeeded: errno.rawValue),
        UInt8(truncatingIfNeeded: errno.rawValue >> 8),
      ]
        + path.bytes.prefix(4000)
    }
  }

  private static func bytes(_ number: Int32) -> [UInt8] {
    [UInt8(number & 0xff), UInt8(number >> 8 & 0xff), UInt8(number >> 16 & 0xff)]
  }

  init?(bytes: [UInt8]) {
    switch bytes.first {
    case 1: self = .needsMaps
    case 8: self = .cloned
    case 9, 11:
      guard bytes.count == 4 else { return nil }
      let number = Int32(bytes[1]) | Int32(bytes[2]) << 8 | Int32(bytes[3]) << 16
      self = bytes[0] == 9 ? .listens(number) : .halts(number)
    case 2: self = .mountsDone
    case 3: self = .terminal
    case 4: self = .ready
    case 5: self = .created
    case 6: self = .proceed
    case 12: self = .start
    case 13: self = .network
    case 14: self = .entered
    case 7: self = .failed(StepFailure(record: bytes.dropFirst()))
    case 10:
      guard bytes.count >= 3 else { return nil }
      let errno = Errno(rawValue: Int32(bytes[1]) | Int32(bytes[2]) << 8)
      self = .refused(ByteString(bytes.dropFirst(3)), errno)
    default: return nil
    }
  }
}

/// One end of the channel between parent and init.
package struct StageChannel {
  package let handle: Handle

  package init(_ handle: Handle) { self.handle = handle }

  package func send(_ message: StageMessage) throws(SyscallError) {
    try Socket.send(handle, message.bytes)
  }

  /// With the descriptor that belongs to the message.
  package func send(_ message: StageMessage, _ descriptor: Handle) throws(SyscallError) {
    try Socket.send(handle, message.bytes, descriptors: [descriptor])
  }

  /// The next message, nil when the other end is closed.
  package func receive() throws(SyscallError) -> (StageMessage, SharedDescriptor?)? {
    var bytes: [UInt8]
    var descriptors: [SharedDescriptor]
    do throws(SyscallError) {
      (bytes, descriptors) = try Socket.receiveDescriptors(handle, limit: StageMessage.limit)
    } catch {
      // Init had not read everything when it died. Said once, before what it may have told us.
      if error.errno != .ECONNRESET { throw error }
      (bytes, descriptors) = try Socket.receiveDescriptors(handle, limit: StageMessage.limit)
    }
    if bytes.isEmpty { return nil }
    guard let message = StageMessage(bytes: bytes) else {
      throw .violation("the other side of the stage channel sent what is not a message")
    }
    return (message, descriptors.first)
  }

  /// What lies unread of an other end that is gone.
  func rest() throws(SyscallError) -> [StageMessage] {
    var messages = [StageMessage]()
    while try !Polling.wait([(handle, .input)], milliseconds: 0)[0].isEmpty,
      let next = try receive()
    {
      messages.append(next.0)
    }
    return messages
  }

  /// Says `message` and waits until the other side has done its part. When the parent is gone there
  /// is nobody left to be a container for.
  package func sync(_ message: StageMessage) throws(SyscallError) {
    try send(message)
    try awaitProceed()
  }

  /// Waits for the answer to `ready`: whether init does not wait again before the program.
  func mayStart() throws(SyscallError) -> Bool {
    let answer = try Socket.receive(handle, limit: StageMessage.limit)
    if answer == StageMessage.start.bytes { return true }
    if answer != StageMessage.proceed.bytes { throw .unmet("the runtime is gone") }
    return false
  }

  func awaitProceed() throws(SyscallError) {
    let answer = try Socket.receive(handle, limit: StageMessage.limit)
    if answer != StageMessage.proceed.bytes { throw .unmet("the runtime is gone") }
  }
}

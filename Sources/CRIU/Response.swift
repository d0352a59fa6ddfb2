package import Bytes

/// A point at which CRIU waits for its client (`criu_notify`); it goes on when it was answered.
package enum CRIUNotification: Equatable, Sendable {
  case preDump
  case postDump
  case setupNamespaces(pid: Int32)
  /// With the master of the terminal, as a descriptor beside the message.
  case orphanTerminalMaster
  case preRestore
  case postRestore(pid: Int32)
  case preResume
  /// Pages can be asked for by the lazy-pages daemon.
  case statusReady
  /// One with which a container has nothing to do.
  case other(ByteString)

  init(script: ByteString, pid: Int32) {
    self =
      switch script {
      case "pre-dump": .preDump
      case "post-dump": .postDump
      case "setup-namespaces": .setupNamespaces(pid: pid)
      case "orphan-pts-master": .orphanTerminalMaster
      case "pre-restore": .preRestore
      case "post-restore": .postRestore(pid: pid)
      case "pre-resume": .preResume
      case "status-ready": .statusReady
      default: .other(script)
      }
  }
}

/// One message of CRIU's (`criu_resp`).
package struct CRIUResponse: Equatable, Sendable {
  package private(set) var action: UInt64 = 0
  package private(set) var succeeded = false
  /// Of the root of the tree that was restored.
  package private(set) var restoredPid: Int32?
  package private(set) var notification: CRIUNotification?
  package private(set) var features: CRIUFeatures = []
  package private(set) var version: CRIUVersion?
  /// The errno of the call that failed, 0 if CRIU does not say.
  package private(set) var errno: Int32 = 0
  /// The first lines of its log that are errors; also set where it succeeded.
  package private(set) var message: ByteString = ""

  package init(_ bytes: [UInt8]) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .number(let number)): action = number
      case (2, .number(let number)): succeeded = number != 0
      case (4, .bytes(let bytes)):
        let number = try CRIUResponse.numbers(bytes).first { $0.field == 1 }?.number
        if let number { restoredPid = try CRIUResponse.pid(number) }
      case (5, .bytes(let bytes)): notification = try CRIUResponse.notification(bytes)
      case (7, .number(let number)): errno = Int32(truncatingIfNeeded: number)
      case (8, .bytes(let bytes)):
        for (field, number) in try CRIUResponse.numbers(bytes) where number != 0 {
          if field == 1 { features.insert(.trackMemory) }
          if field == 2 { features.insert(.lazyPages) }
        }
      case (9, .bytes(let bytes)): message = ByteString(bytes)
      case (10, .bytes(let bytes)): version = try CRIUVersion(bytes)
      // What a newer CRIU says beside is not for us.
      case (_, _): continue
      }
    }
  }

  /// The message of one that failed, of a request that nobody asks for.
  static func failure(errno: Int32, _ message: ByteString) -> [UInt8] {
    var answer = ProtobufWriter()
    answer.add(1, UInt64(0))
    answer.add(2, false)
    answer.add(7, errno)
    answer.add(9, message)
    return answer.bytes
  }

  private static func pid(_ number: UInt64) throws(ProtobufError) -> Int32 {
    guard let pid = Int32(exactly: number) else {
      throw ProtobufError(reason: "a pid above all there are")
    }
    return pid
  }

  private static func notification(_ bytes: [UInt8]) throws(ProtobufError) -> CRIUNotification {
    var reader = ProtobufReader(bytes)
    var script: ByteString = ""
    var pid: Int32 = 0
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes)): script = ByteString(bytes)
      case (2, .number(let number)): pid = try CRIUResponse.pid(number)
      case (_, _): continue
      }
    }
    return CRIUNotification(script: script, pid: pid)
  }

  static func numbers(_ bytes: [UInt8]) throws(ProtobufError) -> [(
    field: UInt32, number: UInt64
  )] {
    var reader = ProtobufReader(bytes)
    var numbers = [(field: UInt32, number: UInt64)]()
    while let (field, value) = try reader.next() {
      if case .number(let number) = value { numbers.append((field, number)) }
    }
    return numbers
  }
}

/// As `criu --version` has it.
package struct CRIUVersion: Equatable, Comparable, Sendable {
  package let number: UInt64

  /// `major * 10000 + minor * 100 + sublevel`.
  package init(number: UInt64) { self.number = number }

  /// `criu_version`. A build from git counts as the version after it.
  init(_ bytes: [UInt8]) throws(ProtobufError) {
    var parts: (major: UInt64, minor: UInt64, sublevel: UInt64) = (0, 0, 0)
    var isFromGit = false
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .number(let number)): parts.major = min(number, 1000)
      case (2, .number(let number)): parts.minor = min(number, 99)
      case (3, .bytes): isFromGit = true
      case (4, .number(let number)): parts.sublevel = min(number, 99)
      case (_, _): continue
      }
    }
    if isFromGit { parts = (parts.major, parts.minor + 1, 0) }
    number = parts.major * 10_000 + parts.minor * 100 + parts.sublevel
  }

  package static func < (left: CRIUVersion, right: CRIUVersion) -> Bool {
    left.number < right.number
  }

  package var text: ByteString {
    ByteString(decimal: number / 10_000) + "." + ByteString(decimal: number / 100 % 100)
      + "." + ByteString(decimal: number % 100)
  }
}

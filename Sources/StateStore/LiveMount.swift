package import Bytes
package import JSON
package import Linux

/// A mount that was made or is being removed after `create`.
package struct LiveMount: Equatable, Sendable {
  /// What a command was doing, which may have been killed since.
  package enum Phase: UInt8, Equatable, Sendable { case mounted, adding, removing }

  package var destination: ByteString
  package var source: ByteString
  /// Of the filesystem, or `bind`.
  package var type: ByteString
  package var id: MountID
  package var phase: Phase

  package init(
    destination: ByteString, source: ByteString, type: ByteString, id: MountID, phase: Phase
  ) {
    self.destination = destination
    self.source = source
    self.type = type
    self.id = id
    self.phase = phase
  }

  /// Whether it is in the mount namespace of which these are the mounts; where it is then.
  package func place(in mounts: [MountInfo]) -> ByteString? {
    mounts.first { $0.id == id.number }?.mountPoint
  }
}

extension LiveMount {
  var json: JSONValue {
    [
      "destination": .string(destination), "source": .string(source), "type": .string(type),
      "uniqueID": .integer(id.unique), "id": .integer(id.number), "phase": .integer(phase.rawValue),
    ]
  }

  init?(_ value: JSONValue) {
    guard case .object(let object) = value, let destination = object.text("destination"),
      let source = object.text("source"), let type = object.text("type"),
      let unique = object.text("uniqueID")?.unsignedDecimal,
      let number = object.text("id")?.unsignedDecimal,
      let phase = object.text("phase")?.unsignedDecimal.flatMap({ UInt8(exactly: $0) }).flatMap({
        Phase(rawValue: $0)
      })
    else { return nil }
    self.init(
      destination: destination, source: source, type: type,
      id: MountID(unique: unique, number: number), phase: phase)
  }
}

extension ContainerRecord {
  /// For `state`.
  package var stateOfLiveMounts: JSONValue? {
    if liveMounts.isEmpty { return nil }
    return .array(
      liveMounts.map {
        [
          "destination": .string($0.destination), "source": .string($0.source),
          "type": .string($0.type),
        ]
      })
  }

  /// What a command that was killed has left, if it is not at work.
  package var hasUnsettledMounts: Bool { liveMounts.contains { $0.phase != .mounted } }
}

package import Bytes

/// One entry of `mounts` (runtime-spec, config.md, "Mounts").
package struct Mount: Equatable, Sendable {
  package var destination: ByteString
  package var type: ByteString?
  package var source: ByteString?
  package var options: [ByteString]
  package var uidMappings: [IDMapping]
  package var gidMappings: [IDMapping]

  package init(
    destination: ByteString,
    type: ByteString? = nil,
    source: ByteString? = nil,
    options: [ByteString] = [],
    uidMappings: [IDMapping] = [],
    gidMappings: [IDMapping] = []
  ) {
    self.destination = destination
    self.type = type
    self.source = source
    self.options = options
    self.uidMappings = uidMappings
    self.gidMappings = gidMappings
  }
}

/// `size` ids from `hostID` on appear as those from `containerID` on.
package struct IDMapping: Equatable, Sendable {
  package var containerID: UInt32
  package var hostID: UInt32
  package var size: UInt32

  package init(containerID: UInt32, hostID: UInt32, size: UInt32) {
    self.containerID = containerID
    self.hostID = hostID
    self.size = size
  }
}

package import Bytes

/// The container as `config.json` asks for it (runtime-spec, config.md).
///
/// The model is the wire: strings keep their bytes, an enumerated string is checked by the module that
/// acts on it, and an absent or `null` member is `nil`, or empty where the two mean the same.
package struct Config: Equatable, Sendable {
  package var ociVersion: ByteString
  package var root: Root
  package var mounts: [Mount]
  /// Absent in a container that can be created but not started (OP-9).
  package var process: Process?
  package var hostname: ByteString?
  package var domainname: ByteString?
  package var hooks: HooksSection
  package var annotations: [Entry<ByteString>]
  package var linux: LinuxSection

  package init(
    ociVersion: ByteString = SpecVersion.implemented,
    root: Root,
    mounts: [Mount] = [],
    process: Process? = nil,
    hostname: ByteString? = nil,
    domainname: ByteString? = nil,
    hooks: HooksSection = HooksSection(),
    annotations: [Entry<ByteString>] = [],
    linux: LinuxSection = LinuxSection()
  ) {
    self.ociVersion = ociVersion
    self.root = root
    self.mounts = mounts
    self.process = process
    self.hostname = hostname
    self.domainname = domainname
    self.hooks = hooks
    self.annotations = annotations
    self.linux = linux
  }
}

extension Config {
  package struct Root: Equatable, Sendable {
    /// Absolute, or relative to the bundle.
    package var path: ByteString
    package var readonly: Bool

    package init(path: ByteString, readonly: Bool = false) {
      self.path = path
      self.readonly = readonly
    }
  }
}

/// The version of the specification that every document of this runtime complies with (ST-1).
package enum SpecVersion {
  package static var implemented: ByteString { "1.3.0" }
  package static var oldest: ByteString { "1.0.0" }
}

/// One member of a JSON object that serves as a map. The order of the document is kept: annotations
/// are copied, sysctls and `unified` files are written in it.
package struct Entry<Value: Equatable & Sendable>: Equatable, Sendable {
  package var key: ByteString
  package var value: Value

  package init(_ key: ByteString, _ value: Value) {
    self.key = key
    self.value = value
  }
}

extension [Entry<ByteString>] {
  /// The value of `key`, which occurs at most once: duplicates are refused when decoding.
  package subscript(key: ByteString) -> ByteString? { first { $0.key == key }?.value }
}

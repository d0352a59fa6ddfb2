package import Bytes
import OCISpec

/// The seccomp agent, which answers the calls of a filter with SCMP_ACT_NOTIFY.
package struct NotifyListener: Equatable, Sendable {
  /// A stream socket in the runtime's own namespaces, absolute (SN-6).
  package var path: ByteString
  /// Handed over as it is, in the `metadata` of the container process state.
  package var metadata: ByteString?

  /// The name of the descriptor in the container process state.
  package static var descriptorName: ByteString { "seccompFd" }

  static func make(
    _ section: SeccompSection, notifies: Bool, pointer: ByteString
  ) throws(ConfigError) -> NotifyListener? {
    guard let path = section.listenerPath, !path.isEmpty else {
      if section.listenerMetadata?.isEmpty == false {
        throw ConfigError(pointer + "/listenerMetadata", "set without listenerPath")
      }
      if notifies {
        throw ConfigError(pointer, "SCMP_ACT_NOTIFY is used without listenerPath")
      }
      return nil
    }
    // Without a rule that notifies the path is not used, so not checked either (SE-5).
    guard notifies else { return nil }
    guard path.hasPrefix("/") else {
      throw ConfigError(pointer + "/listenerPath", quoted(path) + " is not absolute")
    }
    return NotifyListener(path: path, metadata: section.listenerMetadata)
  }
}

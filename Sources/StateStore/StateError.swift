package import Bytes
import JSON
package import Linux
import OCISpec

/// Why a command cannot act on a container. The texts are a contract: engines search them for the
/// phrases `does not exist`, `container not running` and their like, and act on what they find.
package enum StateError: Error, Sendable {
  case emptyID
  case invalidID(ByteString)
  case alreadyExists
  case doesNotExist
  /// Another command held the container's lock for longer than we wait.
  case busy(ContainerID)
  /// The record cannot be read: why, in our words.
  case damagedRecord(ContainerID, reason: StaticString)
  /// It could not be read again.
  case recordTooLarge
  /// The state root is not safe to use, or missing although it was named.
  case unsafeRoot(ByteString, reason: StaticString)
  /// What `Lifecycle` says about this command in this status.
  case refused(ByteString)
  case system(SyscallError)
}

extension StateError {
  package var message: ByteString {
    switch self {
    case .emptyID: "container id cannot be empty"
    case .invalidID(let text):
      "invalid container ID format: " + quoted(text)
        + ": letters, digits, `_`, `+`, `-` and `.` only, not `.` first, at most 255"
    case .alreadyExists: "container with given ID already exists"
    case .doesNotExist: "container does not exist"
    case .busy(let id): "container `" + id.text + "` is busy with another command"
    case .damagedRecord(let id, let reason):
      "the record of container `" + id.text + "` is damaged: " + ByteString(stringLiteral: reason)
    case .recordTooLarge:
      "the container's annotations, mounts and limits are more than its record can hold: "
        + ByteString(decimal: JSONLimit.size >> 20) + " MiB in all, 1 MiB each with its name"
    case .unsafeRoot(let path, let reason):
      "state root `" + path + "`: " + ByteString(stringLiteral: reason)
    case .refused(let text): text
    case .system(let error): error.message
    }
  }
}

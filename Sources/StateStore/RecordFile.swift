import Bytes
import JSON
import Linux

extension StateDirectory {
  static let recordName: ByteString = "state.json"
  private static var recordLimit: Int { JSONLimit.size }
  /// Smaller ones exceed no limit of a reader.
  private static let unsuspected = 128 << 10
  /// For what is added later: init, and the limits of an `update`.
  private static let reserve = 64 << 10

  /// Replaces the record as a whole, if it is one that can be read.
  package func save(_ record: ContainerRecord) throws(StateError) {
    try prepare(record)
    try publishPrepared()
  }

  /// Writes what `publishPrepared` makes the record; nobody sees it before.
  package func prepare(_ record: ContainerRecord) throws(StateError) {
    let bytes = record.json.encoded()
    if bytes.count > StateDirectory.unsuspected {
      let limit = StateDirectory.recordLimit - StateDirectory.reserve
      guard bytes.count <= limit, StateDirectory.isReadable(bytes) else { throw .recordTooLarge }
    }
    do throws(SyscallError) {
      try prepare(StateDirectory.recordName, with: bytes)
    } catch {
      throw .system(error)
    }
  }

  package func publishPrepared() throws(StateError) {
    do throws(SyscallError) { try publish(StateDirectory.recordName) } catch {
      throw .system(error)
    }
  }

  private static func isReadable(_ bytes: [UInt8]) -> Bool {
    do throws(JSONError) { return ContainerRecord(try JSONValue.parse(bytes)) != nil } catch {
      return false
    }
  }

  /// Whether the record is a whole JSON object that apus never wrote: other runtimes use the same name.
  package func hasForeignRecord() -> Bool {
    do throws(SyscallError) {
      let bytes = try read(StateDirectory.recordName, limit: StateDirectory.recordLimit)
      guard let bytes else { return false }
      do throws(JSONError) {
        guard case .object(let object) = try JSONValue.parse(bytes) else { return false }
        return object.value(of: "apusVersion") == nil
      } catch {
        return false
      }
    } catch {
      return false
    }
  }

  /// The record, nil where `create` died before it wrote one.
  package func loadRecord() throws(StateError) -> ContainerRecord? {
    let bytes: [UInt8]
    do throws(SyscallError) {
      guard let found = try read(StateDirectory.recordName, limit: StateDirectory.recordLimit)
      else { return nil }
      bytes = found
    } catch {
      switch (error.kind, error.errno) {
      case (.unmet, _), (_, .EINVAL), (_, .ELOOP), (_, .EISDIR), (_, .EFBIG):
        throw .damagedRecord(id, reason: "it is not a file that apus wrote")
      default: throw .system(error)
      }
    }
    if let record = ContainerRecord(plain: bytes) { return record }
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.parse(bytes) } catch {
      throw .damagedRecord(id, reason: "it is not JSON")
    }
    guard let record = ContainerRecord(value) else {
      throw .damagedRecord(id, reason: "a member is missing, or it is of another version")
    }
    return record
  }
}

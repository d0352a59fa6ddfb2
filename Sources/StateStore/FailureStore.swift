package import Bytes
import JSON
import Linux

/// What is kept of failures after their containers are gone: the newest records, in a directory of
/// their own below the state root, whose name no container can have.
///
/// Nothing here throws: what is kept must never hide why it is kept, nor make a command fail. Every
/// record is a file that is written under another name and renamed, and no file is written twice, so
/// commands that write at the same time do not meet; each of them drops what is beyond the newest.
package struct FailureStore {
  static let name: ByteString = ".failures"
  /// Records, unfinished ones included.
  package static let capacity = 64
  /// Bytes of one.
  package static let size = 4096

  private let directory: SharedDescriptor

  /// nil where there is none, or others can write it. `creating` makes it, and the state root.
  package static func open(in root: StateRoot, creating: Bool = false) -> FailureStore? {
    do throws(StateError) {
      guard let parent = creating ? try root.create() : try root.open() else { return nil }
      do throws(SyscallError) {
        if creating {
          do throws(SyscallError) {
            try parent.handle.makeDirectory(name, mode: 0o700)
          } catch {
            if error.errno != .EEXIST { throw error }
          }
        }
        let directory = SharedDescriptor(try parent.handle.open(name, [.directory, .noFollow]))
        let status = try directory.handle.status()
        guard status.userID == Credentials.effectiveUserID, status.permissions & 0o077 == 0 else {
          return nil
        }
        return FailureStore(directory: directory)
      } catch {
        return nil
      }
    } catch {
      return nil
    }
  }

  /// Writes a record and removes the oldest ones. Errors are ignored: it must not hide the failure itself.
  package func add(_ record: EndRecord) {
    let moment = FailureStore.moment
    do throws(SyscallError) {
      // Of the moment first, so that the order of the names is that of the records.
      let key = FailureStore.key(record.id, isExec: record.command == "exec")
      let nonce = FailureStore.digits(try Random.number())
      let name = FailureStore.digits(moment) + "-" + key + "-" + nonce
      let temporary = name + ".new"
      let file = try directory.handle.open(
        temporary, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
      do throws(SyscallError) {
        try file.handle.writeAll(record.encoded(size: FailureStore.size))
        try directory.handle.rename(temporary, to: name)
      } catch {
        do throws(SyscallError) { try directory.handle.unlink(temporary) } catch _ {}
        throw error
      }
      // A probe that fails every few seconds must not push everything else out.
      try prune(repeated: record.command == "exec" ? key : nil)
    } catch {}
  }

  private func prune(repeated key: ByteString?) throws(SyscallError) {
    let names = try names()
    var excess = max(0, names.count - FailureStore.capacity)
    for (index, name) in names.enumerated() {
      let isRepeated = key.map { FailureStore.key(in: name) == $0 } ?? false
      // The last one is the one just written, or newer.
      let isNewer = names[(index + 1)...].contains { FailureStore.key(in: $0) == key }
      guard excess > 0 || isRepeated && isNewer else { continue }
      excess -= 1
      // Another command drops the same; and one that cannot be removed keeps none of the others.
      do throws(SyscallError) { try directory.handle.unlink(name) } catch {}
    }
  }

  /// The records about `id`, the newest last.
  package func records(of id: ByteString) -> [EndRecord] {
    do throws(SyscallError) {
      let keys = [FailureStore.key(id, isExec: false), FailureStore.key(id, isExec: true)]
      return try names().suffix(2 * FailureStore.capacity).compactMap { name in
        guard let key = FailureStore.key(in: name), keys.contains(key) else { return nil }
        return read(name).flatMap { $0.id == id ? $0 : nil }
      }
    } catch {
      return []
    }
  }

  private func read(_ name: ByteString) -> EndRecord? {
    do throws(SyscallError) {
      let file = try directory.handle.open(name, [.noFollow, .nonBlocking])
      guard try file.handle.status().kind == .regular else { return nil }
      let bytes = try file.handle.read(upTo: FailureStore.size + 1)
      guard bytes.count <= FailureStore.size else { return nil }
      do throws(JSONError) { return EndRecord(try JSONValue.parse(bytes)) } catch { return nil }
    } catch {
      return nil
    }
  }

  /// Of the records, in their order. Whatever else lies there is not ours to remove and does not count. Those
  /// of a moment to come, from before the clock was set back, would be the newest for long: they come first.
  private func names() throws(SyscallError) -> [ByteString] {
    let now = FailureStore.digits(FailureStore.moment + 1_000_000_000)
    func precedes(_ one: ByteString, _ other: ByteString) -> Bool {
      one.bytes.lexicographicallyPrecedes(other.bytes)
    }
    // An open directory is read once; opening it anew reads it from the start.
    let listing = try directory.handle.open(".", [.directory])
    let names = try listing.handle.entries()
      .filter { $0.kind != .directory && FailureStore.key(in: $0.name) != nil }
      .map { $0.name }.sorted(by: precedes)
    return names.filter { precedes(now, $0) } + names.filter { !precedes(now, $0) }
  }

  /// Nanoseconds of the real time.
  private static var moment: UInt64 {
    let (seconds, nanoseconds) = Clock.realTime
    return UInt64(max(0, seconds)) &* 1_000_000_000 &+ UInt64(nanoseconds)
  }

  // The names: moment, key and a random number, each of twenty digits.

  private static func digits(_ number: UInt64) -> ByteString {
    let text = ByteString(decimal: number)
    return ByteString([UInt8](repeating: UInt8(ascii: "0"), count: 20 - text.count)) + text
  }

  /// Of an id, so that not every file is read to find its own (FNV-1a).
  private static func key(_ id: ByteString, isExec: Bool) -> ByteString {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in id.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return digits(isExec ? ~hash : hash)
  }

  private static func key(in name: ByteString) -> ByteString? {
    let parts = name.split(on: UInt8(ascii: "-"))
    return parts.count == 3 ? parts[1] : nil
  }
}

extension StateDirectory {
  static var endName: ByteString { "end" }

  /// Of a container that stays after its end (`run --keep`).
  package func saveEnd(_ record: EndRecord) {
    do throws(SyscallError) {
      try replace(StateDirectory.endName, with: record.encoded(size: FailureStore.size))
    } catch {}
  }

  /// nil where it is not known.
  package func loadEnd() -> EndRecord? {
    do throws(SyscallError) {
      guard let bytes = try read(StateDirectory.endName, limit: FailureStore.size) else {
        return nil
      }
      do throws(JSONError) { return EndRecord(try JSONValue.parse(bytes)) } catch { return nil }
    } catch {
      return nil
    }
  }
}

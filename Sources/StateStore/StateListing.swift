import Bytes
import Linux

/// The containers below a state root.
package struct StateListing {
  /// In the order of their bytes. Entries that are not a directory or cannot be an id are skipped.
  package let ids: [ContainerID]
  private let parent: SharedDescriptor?

  /// Without the root there are no containers, and none is made; a script may ask before the first one.
  package init(_ root: StateRoot) throws(StateError) {
    parent = try root.open()
    guard let parent else {
      ids = []
      return
    }
    let entries: [DirectoryEntry]
    do throws(SyscallError) { entries = try parent.handle.entries() } catch {
      throw .system(error)
    }
    var ids = [ContainerID]()
    for entry in entries where entry.kind == .directory || entry.kind == .other {
      do throws(StateError) { ids.append(try ContainerID(entry.name)) } catch {}
    }
    self.ids = ids.sorted { $0.text.bytes.lexicographicallyPrecedes($1.text.bytes) }
  }

  /// The directory of one container; `doesNotExist` if it is gone meanwhile.
  package func open(_ id: ContainerID) throws(StateError) -> StateDirectory {
    guard let parent else { throw .doesNotExist }
    return try StateDirectory.open(id, below: parent)
  }
}

package import Bytes
package import Linux

/// A change of per-mount attributes: those that it does not name stay as they are.
package struct AttributeChange: Equatable, Sendable {
  package var set: MountAttributes
  package var clear: MountAttributes

  package init(set: MountAttributes = [], clear: MountAttributes = []) {
    self.set = set
    self.clear = clear
  }

  package var isEmpty: Bool { self.set.isEmpty && clear.isEmpty }

  mutating func include(_ attributes: MountAttributes) {
    set.formUnion(attributes)
    clear.subtract(attributes)
  }

  mutating func exclude(_ attributes: MountAttributes) {
    clear.formUnion(attributes)
    set.subtract(attributes)
  }

  /// The kernel takes a new access time only together with the clearing of the whole field (MT-O).
  mutating func choose(_ accessTime: AccessTime) {
    set.subtract(.accessTimeMask)
    set.formUnion(accessTime.attributes)
    clear.formUnion(.accessTimeMask)
  }
}

/// A change of propagation, of a mount or of its whole tree.
package struct PropagationChange: Equatable, Sendable {
  package var type: Mounting.Propagation
  package var recursive: Bool

  package init(_ type: Mounting.Propagation, recursive: Bool = false) {
    self.type = type
    self.recursive = recursive
  }
}

/// The options of one mount, sorted by who acts on them. A later option wins over an earlier one.
package struct MountOptions: Equatable, Sendable {
  /// Nil is no bind mount; else whether it is recursive.
  package var bindsRecursively: Bool?
  package var isRemount = false
  package var attributes = AttributeChange()
  package var recursiveAttributes = AttributeChange()
  /// Flags of the filesystem itself, not of this mount of it; without meaning for a bind mount.
  package var superblock: MountFlags = []
  /// One call for each, in this order.
  package var propagation: [PropagationChange] = []
  package var copiesUp = false
  /// Nil is none; else whether it is recursive (`ridmap`).
  package var idMapsRecursively: Bool?
  /// The maps of `idmap=uids=…;gids=…`, as given.
  package var idMapText: ByteString?
  package var links: LinkRules = []
  /// For the filesystem, in the order of the config (MT-U1).
  package var data: [ByteString] = []

  package init() {}

  package init(parsing options: [ByteString]) {
    var accessTime: AccessTime?
    for option in options {
      switch MountOptionTable.effect(of: option) {
      case nil:
        if let (name, text) = InlineIDMap.cut(option) {
          (idMapsRecursively, idMapText) = (name == "ridmap", text)
        } else {
          data.append(option)
        }
      case .links(let rule): links.insert(rule)
      case .nothing: break
      case .set(let flags): attributes.include(flags)
      case .clear(let flags): attributes.exclude(flags)
      case .accessTime(let time): accessTime = time
      case .notAccessTime(let time):
        if accessTime == nil || accessTime == time { accessTime = .relative }
      case .superblock(let flag, true): superblock.insert(flag)
      case .superblock(let flag, false): superblock.remove(flag)
      case .bind(let recursive):
        // `rbind` is `bind` and more: engines write both, in either order.
        bindsRecursively = recursive || bindsRecursively ?? false
      case .remount: isRemount = true
      case .propagation(let type, let recursive):
        propagation.append(PropagationChange(type, recursive: recursive))
      case .recursiveSet(let flags): recursiveAttributes.include(flags)
      case .recursiveClear(let flags): recursiveAttributes.exclude(flags)
      case .recursiveAccessTime(let time): recursiveAttributes.choose(time)
      case .copyUp: copiesUp = true
      case .idMap(let recursive): idMapsRecursively = recursive
      }
    }
    if let accessTime { attributes.choose(accessTime) }
  }
}

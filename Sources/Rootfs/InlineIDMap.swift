import Bytes
import OCISpec

/// crun's way to give an idmapped mount its maps in an option: `idmap=uids=0-1000-10#10-2000-5;gids=@0-0-10`.
/// Each range is the first id of the files, the first id that they are seen as, and how many; with `@` the
/// second one is an id of the container, which its user namespace maps to one of the host.
enum InlineIDMap {
  /// The option's name and the maps, nil if it is another option: a filesystem may have one of this name.
  static func cut(_ option: ByteString) -> (name: ByteString, maps: ByteString)? {
    guard option.hasPrefix("idmap=") || option.hasPrefix("ridmap="),
      let (name, maps) = option.cut(at: UInt8(ascii: "=")),
      maps.hasPrefix("uids=") || maps.hasPrefix("gids=")
    else { return nil }
    return (name, maps)
  }

  /// `own`: the maps of the container's user namespace.
  static func parse(_ maps: ByteString, own: (users: [IDMapping], groups: [IDMapping])?)
    throws(Fault) -> (users: [IDMapping], groups: [IDMapping])
  {
    var users = [IDMapping]()
    var groups = [IDMapping]()
    for map in maps.split(on: UInt8(ascii: ";")) {
      guard let (name, ranges) = map.cut(at: UInt8(ascii: "=")) else { throw Fault(map) }
      switch name {
      case "uids": users = try parse(ranges, own: own?.users)
      case "gids": groups = try parse(ranges, own: own?.groups)
      default: throw Fault(map)
      }
    }
    if users.isEmpty || groups.isEmpty { throw Fault(maps, "needs both uids and gids") }
    return (users, groups)
  }

  private static func parse(_ ranges: ByteString, own: [IDMapping]?) throws(Fault) -> [IDMapping] {
    var map = [IDMapping]()
    for range in ranges.split(on: UInt8(ascii: "#")) {
      let isRelative = range.hasPrefix("@")
      let numbers = (isRelative ? range.dropFirst(1) : range).split(on: UInt8(ascii: "-"))
        .map { $0.unsignedDecimal.flatMap { UInt32(exactly: $0) } }
      guard numbers.count == 3, let first = numbers[0], var seen = numbers[1],
        let size = numbers[2], size > 0, !first.addingReportingOverflow(size).overflow,
        !seen.addingReportingOverflow(size).overflow, map.count < Bound.mappings
      else { throw Fault(range) }
      if isRelative {
        guard let own else {
          throw Fault(range, "is relative to a user namespace, and there is none")
        }
        // crun takes the rest of a range that is cut off for ids of others.
        guard
          let outer = own.first(where: {
            seen >= $0.containerID && seen - $0.containerID < $0.size
              && $0.size - (seen - $0.containerID) >= size
          })
        else { throw Fault(range, "is not in one range of the container's user namespace") }
        seen = outer.hostID + (seen - outer.containerID)
      }
      map.append(IDMapping(containerID: first, hostID: seen, size: size))
    }
    return map
  }

  struct Fault: Error {
    let reason: ByteString

    init(
      _ text: ByteString, _ reason: ByteString = "is not FIRST-SEEN-COUNT ranges of uids and gids"
    ) {
      self.reason = quoted(text) + " " + reason
    }
  }
}

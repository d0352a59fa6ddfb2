import Bytes
import OCISpec

/// The unit of systemd that a container's cgroup belongs to, from `slice:prefix:name`.
struct UnitName: Equatable, Sendable {
  /// `apus-abc.scope`.
  let name: ByteString
  /// `machine.slice`; `-.slice` is the root.
  let slice: ByteString
  /// Below the manager's own cgroup: `a.slice`, `a-b.slice`, the unit.
  let components: [ByteString]

  /// Whether the unit is a slice itself, which holds no processes by systemd's hand.
  var isSlice: Bool { name.hasSuffix(".slice") }

  private static let pointer: ByteString = "/linux/cgroupsPath"

  init(_ path: ByteString?, id: ByteString, isRootless: Bool) throws(ConfigError) {
    let parts = (path ?? ":apus:" + id).split(on: UInt8(ascii: ":"))
    guard parts.count == 3 else {
      throw ConfigError(
        UnitName.pointer,
        quoted(path ?? "") + " is not `slice:prefix:name`, as the systemd cgroup manager needs it")
    }
    let usual: ByteString = isRootless ? "user.slice" : "system.slice"
    slice = parts[0].isEmpty ? usual : parts[0]
    name = parts[2].hasSuffix(".slice") ? parts[2] : parts[1] + "-" + parts[2] + ".scope"
    try UnitName.check(slice)
    try UnitName.check(name)
    if parts[2].isEmpty { throw ConfigError(UnitName.pointer, "no name after the second colon") }
    let own = name.hasSuffix(".slice") ? try UnitName.expanded(name) : [name]
    // A slice's place follows from its own name.
    components = name.hasSuffix(".slice") ? own : try UnitName.expanded(slice) + own
  }

  /// `a-b.slice` lies in `a.slice` (systemd.slice(5)).
  private static func expanded(_ slice: ByteString) throws(ConfigError) -> [ByteString] {
    guard slice.hasSuffix(".slice"), slice.count > 6 else {
      throw ConfigError(pointer, quoted(slice) + " is not a slice name")
    }
    if slice == "-.slice" { return [] }
    var result = [ByteString]()
    var prefix = ByteString()
    for piece in slice.dropLast(6).split(on: UInt8(ascii: "-")) {
      guard !piece.isEmpty else {
        throw ConfigError(pointer, quoted(slice) + " has an empty part")
      }
      prefix = prefix.isEmpty ? piece : prefix + "-" + piece
      result.append(prefix + ".slice")
    }
    return result
  }

  /// The characters of a unit name (systemd.unit(5)): no slash among them.
  private static func check(_ unit: ByteString) throws(ConfigError) {
    let isName = unit.bytes.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "\\"):
        true
      default: false
      }
    }
    guard isName, unit.count <= 255 else {
      throw ConfigError(pointer, quoted(unit) + " is not a unit name")
    }
  }
}

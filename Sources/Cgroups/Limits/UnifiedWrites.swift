import Bytes
import OCISpec

extension ResourceWrites {
  private static let mostKeys = 128

  /// UN-1 to UN-3: each key is a file of the container's cgroup, known to apus or not.
  static func make(unified: [Entry<ByteString>], _ pointer: ByteString) throws(ConfigError)
    -> [CgroupWrite]
  {
    if unified.count > mostKeys { throw ConfigError(pointer, "more than 128 files") }
    var writes = [CgroupWrite]()
    for entry in unified {
      let pointer = pointer + "/" + pointerToken(entry.key)
      try check(entry.key, pointer)
      // The kernel takes a line a write; an empty text would write nothing.
      for line in entry.value.split(on: UInt8(ascii: "\n")) where !line.isEmpty {
        writes.append(CgroupWrite(entry.key, line, pointer))
      }
    }
    return writes
  }

  /// One component that cannot lead out (T22): a controller's file, or one of the core files that limit
  /// something. The other core files move, freeze and kill.
  private static func check(_ key: ByteString, _ pointer: ByteString) throws(ConfigError) {
    switch key {
    case "cgroup.max.depth", "cgroup.max.descendants", "cgroup.pressure": return
    default: break
    }
    let isName = key.bytes.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName, key.count <= 128, let (controller, rest) = key.cut(at: UInt8(ascii: ".")),
      !controller.isEmpty, !rest.isEmpty, controller != "cgroup"
    else { throw ConfigError(pointer, quoted(key) + " is not a file of a cgroup controller") }
  }
}

package import Bytes

/// One limit as the kernel takes it: text for a file of the container's cgroup.
package struct CgroupWrite: Equatable, Sendable {
  package var file: ByteString
  package var value: ByteString
  /// Where in `config.json` it comes from.
  package var pointer: ByteString
  /// What to write where the kernel does not have `file`.
  package var alternative: Alternative?
  /// Whether nothing is lost where the kernel does not have the file.
  package var isOptional: Bool
  /// A number that `value` has to exceed (`memory.checkBeforeUpdate`).
  package var floor: ByteString?
  /// A first try: another write decides whether this value can be taken already.
  package var isTrial: Bool

  package struct Alternative: Equatable, Sendable {
    package var file: ByteString
    package var value: ByteString
  }

  init(
    _ file: ByteString, _ value: ByteString, _ pointer: ByteString,
    alternative: Alternative? = nil, isOptional: Bool = false, floor: ByteString? = nil,
    isTrial: Bool = false
  ) {
    self.file = file
    self.value = value
    self.pointer = pointer
    self.alternative = alternative
    self.isOptional = isOptional || CgroupWrite.isDefault(file, value)
    self.floor = floor
    self.isTrial = isTrial
  }

  /// What a new cgroup has anyway is also true on a host without the controller: engines send such values
  /// whether they are asked for a limit or not.
  private static func isDefault(_ file: ByteString, _ value: ByteString) -> Bool {
    switch file {
    case "memory.max", "memory.swap.max", "pids.max": value == "max"
    case "memory.low", "cpu.idle", "cpu.max.burst": value == "0"
    case "cpu.weight", "io.weight", "io.bfq.weight": value == "100"
    case "cpu.max": value == "max 100000"
    default: false
    }
  }

  /// The controller that the file belongs to; nil for the core files, `cgroup.*`.
  package var controller: ByteString? {
    guard let (name, _) = file.cut(at: UInt8(ascii: ".")), name != "cgroup" else { return nil }
    return name
  }
}

extension ByteString {
  /// `max` for a negative number, else the number.
  init(limit: Int64) { self = limit < 0 ? "max" : ByteString(decimal: limit) }
}

package import Bytes
package import OCISpec

/// The environment of the program: the entries of `process.env` and nothing of our own (PR-5).
package struct EnvironmentPlan: Equatable, Sendable {
  /// `NAME=value`, each name once: the last entry of a name wins.
  package private(set) var entries: [ByteString]

  package static func make(
    _ entries: [ByteString], pointer: ByteString
  ) throws(ConfigError) -> EnvironmentPlan {
    for (position, entry) in entries.enumerated() {
      // The content of an entry may be a secret: messages do without.
      switch entry.bytes.firstIndex(of: UInt8(ascii: "=")) {
      case nil:
        throw ConfigError(pointer + "/" + ByteString(decimal: position), "not NAME=value")
      case 0:
        throw ConfigError(pointer + "/" + ByteString(decimal: position), "has no name before `=`")
      default: break
      }
    }
    return EnvironmentPlan(entries: withoutDuplicates(entries))
  }

  /// The value of `name`, nil if it is not set.
  package func value(of name: ByteString) -> ByteString? {
    entries.first { EnvironmentPlan.name(of: $0) == name.bytes }.map {
      $0.dropFirst(name.count + 1)
    }
  }

  /// Whether HOME must be looked up in the container: it is missing, or empty as in runc.
  package var needsHome: Bool { value(of: "HOME")?.isEmpty ?? true }

  /// Adds the variable, or replaces its value.
  package mutating func set(_ name: ByteString, to value: ByteString) {
    entries.removeAll { EnvironmentPlan.name(of: $0) == name.bytes }
    entries.append(name + "=" + value)
  }

  private static func name(of entry: ByteString) -> ArraySlice<UInt8> {
    entry.bytes.prefix { $0 != UInt8(ascii: "=") }
  }

  /// Sorts instead of comparing each with each: a configuration may have a million entries.
  private static func withoutDuplicates(_ entries: [ByteString]) -> [ByteString] {
    let order = Array(entries.indices).sorted { left, right in
      let (first, second) = (name(of: entries[left]), name(of: entries[right]))
      if first == second { return left < right }
      return first.lexicographicallyPrecedes(second)
    }
    var isLast = [Bool](repeating: true, count: entries.count)
    for (index, next) in zip(order, order.dropFirst())
    where name(of: entries[index]) == name(of: entries[next]) {
      isLast[index] = false
    }
    return entries.indices.filter { isLast[$0] }.map { entries[$0] }
  }
}

import Bytes
import JSON
import OCISpec

/// The document without what was found wrong so far: the rules stop at the first error, so the value
/// that they stop at is taken out, and the rest is judged as if it had not been there.
struct Repair {
  private(set) var document: JSONValue
  /// Elements that were taken out, by their place in the original document.
  private var removed: [(array: [ByteString], index: Int)] = []
  /// Whether the program is one of ours, of which nothing can be said.
  private(set) var hasNoProgram = false
  /// Whether a value is gone that others are judged by: what follows from that is no fault of theirs.
  private(set) var isBroken = false

  init(_ document: JSONValue) { self.document = document }

  /// False if there is nothing to take out, or nothing is left to judge.
  mutating func remove(_ pointer: ByteString) -> Bool {
    var tokens = Array(pointer.split(on: UInt8(ascii: "/")).dropFirst())
    if Repair.decidesOthers(tokens) { isBroken = true }
    // Without its options it is another kind of mount.
    if tokens.count == 3, tokens[0] == "mounts", tokens[2] == "options" { tokens.removeLast() }
    while !tokens.isEmpty {
      if let stub = Repair.stub(tokens), let changed = document.setting(tokens[...], to: stub) {
        if changed == document { return false }
        if tokens == ["process", "args"] { hasNoProgram = true }
        document = changed
        return true
      }
      if let (changed, place) = document.removing(tokens[...], prefix: []) {
        // Without the argument that is wrong, or in another environment, it is another program.
        if tokens.prefix(1) == ["process"],
          ["args", "env", "cwd"].contains(tokens.dropFirst().first)
        {
          hasNoProgram = true
        }
        document = changed
        if let place { removed.append((original(place.array), original(place.index, in: place))) }
        return true
      }
      // A member that is missing: its object cannot be judged.
      tokens.removeLast()
    }
    return false
  }

  /// The place in the document as it was given.
  func original(_ pointer: ByteString) -> ByteString {
    if removed.isEmpty || pointer.isEmpty { return pointer }
    let tokens = Array(pointer.split(on: UInt8(ascii: "/")).dropFirst())
    return original(tokens).map { "/" + $0 }.joined(by: "")
  }

  private func original(_ tokens: [ByteString]) -> [ByteString] {
    var result = [ByteString]()
    for token in tokens {
      if let index = token.unsignedDecimal.flatMap({ Int(exactly: $0) }) {
        result.append(ByteString(decimal: shifted(index, in: result)))
      } else {
        result.append(token)
      }
    }
    return result
  }

  private func original(_ index: Int, in place: (array: [ByteString], index: Int)) -> Int {
    shifted(index, in: original(place.array))
  }

  private func shifted(_ index: Int, in array: [ByteString]) -> Int {
    var index = index
    for gone in removed.filter({ $0.array == array }).map({ $0.index }).sorted()
    where gone <= index {
      index += 1
    }
    return index
  }

  /// Namespaces and maps: half of the other rules ask for them.
  private static func decidesOthers(_ tokens: [ByteString]) -> Bool {
    guard let first = tokens.first else { return true }
    if tokens.count == 1 { return first == "linux" || first == "mounts" }
    guard first == "linux" else { return false }
    return tokens[1] == "namespaces" || tokens[1] == "uidMappings" || tokens[1] == "gidMappings"
  }

  /// What stands for a member that must be there.
  private static func stub(_ tokens: [ByteString]) -> JSONValue? {
    switch tokens.map({ "/" + $0 }).joined(by: "") {
    case "/ociVersion": .string(SpecVersion.implemented)
    case "/root": ["path": "rootfs"]
    case "/linux/seccomp/defaultAction": "SCMP_ACT_ALLOW"
    case "/root/path": "rootfs"
    case "/process/args": ["-"]
    case "/process/cwd": "/"
    case "/process/user": ["uid": 0, "gid": 0]
    case "/process/user/uid", "/process/user/gid": 0
    default: nil
    }
  }
}

extension JSONValue {
  /// Without the value at `tokens`; nil if there is none. `place` is set for an element of an array.
  fileprivate func removing(_ tokens: ArraySlice<ByteString>, prefix: [ByteString])
    -> (value: JSONValue, place: (array: [ByteString], index: Int)?)?
  {
    guard let token = tokens.first else { return nil }
    let isLast = tokens.count == 1
    switch self {
    case .object(var object):
      guard let member = object.members.first(where: { pointerToken($0.name) == token }) else {
        return nil
      }
      if isLast {
        object[member.name] = nil
        return (.object(object), nil)
      }
      guard
        let (value, place) = member.value.removing(tokens.dropFirst(), prefix: prefix + [token])
      else { return nil }
      object[member.name] = value
      return (.object(object), place)
    case .array(var elements):
      guard let index = token.unsignedDecimal.flatMap({ Int(exactly: $0) }),
        elements.indices.contains(index)
      else { return nil }
      if isLast {
        elements.remove(at: index)
        return (.array(elements), (prefix, index))
      }
      guard
        let (value, place) = elements[index].removing(tokens.dropFirst(), prefix: prefix + [token])
      else { return nil }
      elements[index] = value
      return (.array(elements), place)
    case .null, .bool, .number, .string: return nil
    }
  }

  /// With `value` at `tokens`, through objects only; nil if one on the way is missing.
  fileprivate func setting(_ tokens: ArraySlice<ByteString>, to value: JSONValue) -> JSONValue? {
    guard let token = tokens.first else { return value }
    guard case .object(var object) = self else { return nil }
    if tokens.count == 1 {
      object[token] = value
    } else {
      guard let inner = object[token]?.setting(tokens.dropFirst(), to: value) else { return nil }
      object[token] = inner
    }
    return .object(object)
  }
}

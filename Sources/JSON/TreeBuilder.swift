import Bytes
import CYajl

/// Receives the events of libyajl and builds the tree. A method that returns false stops the parser.
struct TreeBuilder {
  /// An array or object whose end has not been seen. Which of the two it is, the parser knows.
  private struct Open {
    var name: ByteString?
    var members: [JSONObject.Member] = []
    var elements: [JSONValue] = []
  }

  private(set) var root: JSONValue?
  private(set) var refusal: ByteString?
  private(set) var duplicate: ByteString?
  private var open: [Open] = []
  private var nodes = 0

  mutating func begin() -> Bool {
    guard open.count < JSONLimit.depth else { return refuse("nested deeper than 64 levels") }
    open.append(Open())
    return count()
  }

  mutating func name(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= JSONLimit.string else { return refuse("string longer than 1 MiB") }
    open[open.count - 1].name = unsafe ByteString(text)
    return count()
  }

  mutating func string(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= JSONLimit.string else { return refuse("string longer than 1 MiB") }
    return unsafe scalar(.string(ByteString(text)))
  }

  mutating func number(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count <= JSONLimit.string else { return refuse("number longer than 1 MiB") }
    return unsafe scalar(.number(ByteString(text)))
  }

  mutating func scalar(_ value: JSONValue) -> Bool {
    add(value)
    return count()
  }

  mutating func endArray() -> Bool {
    if let last = open.popLast() { add(.array(last.elements)) }
    return true
  }

  mutating func endObject() -> Bool {
    guard let last = open.popLast() else { return true }
    if let name = firstDuplicate(among: last.members) {
      duplicate = name
      return refuse("duplicate name in an object: `" + name.escaped() + "`")
    }
    add(.object(JSONObject(last.members)))
    return true
  }

  private mutating func add(_ value: JSONValue) {
    guard !open.isEmpty else {
      root = value
      return
    }
    let last = open.count - 1
    if let name = open[last].name {
      open[last].members.append(JSONObject.Member(name: name, value: value))
    } else {
      open[last].elements.append(value)
    }
  }

  private mutating func count() -> Bool {
    nodes += 1
    return nodes <= JSONLimit.nodes || refuse("more than 200000 values")
  }

  private mutating func refuse(_ reason: ByteString) -> Bool {
    refusal = reason
    return false
  }
}

extension TreeBuilder {
  /// The steps from the document to what was being read when the parser stopped.
  var path: [ByteString] {
    open.map { $0.name ?? ByteString(decimal: $0.elements.count) }
  }
}

/// Two readers of one object with a duplicate name may see two different configs (JS-2).
private func firstDuplicate(among members: [JSONObject.Member]) -> ByteString? {
  if members.count <= 16 {
    for (index, member) in members.enumerated() {
      for other in members[..<index] where other.name == member.name { return other.name }
    }
    return nil
  }
  // A hostile object has a hundred thousand names: sorted, they are compared with one neighbour.
  let names = members.map { $0.name }.sorted { isOrdered($0, $1) }
  return zip(names, names.dropFirst()).first { $0 == $1 }?.0
}

private func isOrdered(_ left: ByteString, _ right: ByteString) -> Bool {
  if left.count != right.count { return left.count < right.count }
  return left.bytes.lexicographicallyPrecedes(right.bytes)
}

private func build(
  _ context: UnsafeMutableRawPointer?, _ event: (inout TreeBuilder) -> Bool
) -> CInt {
  guard let context = unsafe context else { return 0 }
  return unsafe event(&context.assumingMemoryBound(to: TreeBuilder.self).pointee) ? 1 : 0
}

/// Numbers come as text: `yajl_number` keeps the other two from being called.
var treeCallbacks: yajl_callbacks {
  unsafe yajl_callbacks(
    yajl_null: { unsafe build($0) { $0.scalar(.null) } },
    yajl_boolean: { context, value in unsafe build(context) { $0.scalar(.bool(value != 0)) } },
    yajl_integer: nil,
    yajl_double: nil,
    yajl_number: { context, text, length in
      unsafe build(context) { unsafe $0.number(UnsafeRawBufferPointer(start: text, count: length)) }
    },
    yajl_string: { context, text, length in
      unsafe build(context) {
        unsafe $0.string(UnsafeBufferPointer(start: text, count: length))
      }
    },
    yajl_start_map: { unsafe build($0) { $0.begin() } },
    yajl_map_key: { context, text, length in
      unsafe build(context) { unsafe $0.name(UnsafeBufferPointer(start: text, count: length)) }
    },
    yajl_end_map: { unsafe build($0) { $0.endObject() } },
    yajl_start_array: { unsafe build($0) { $0.begin() } },
    yajl_end_array: { unsafe build($0) { $0.endArray() } })
}

import Bytes
import CYajl

/// Receives the events of libyajl and builds the tree. A method that returns false stops the parser.
struct TreeBuilder {
  /// An array or object whose end has not been seen: its values are those of `pending` from `start` on.
  private struct Open {
    let start: Int
    /// Of the member that is read; nil in an array.
    var name: ByteString?
  }

  private(set) var root: JSONValue?
  private(set) var refusal: ByteString?
  private(set) var duplicate: ByteString?
  private var open: [Open] = []
  /// What belongs to arrays and objects that are open; an element has no name.
  private var pending: [JSONObject.Member] = []
  private var texts = TextCache()
  private var nodes = 0

  mutating func begin() -> Bool {
    guard open.count < JSONLimit.depth else { return refuse("nested deeper than 64 levels") }
    open.append(Open(start: pending.count))
    return count()
  }

  mutating func name(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= JSONLimit.string else { return refuse("string longer than 1 MiB") }
    open[open.count - 1].name = unsafe texts.text(of: text)
    return count()
  }

  mutating func string(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= JSONLimit.string else { return refuse("string longer than 1 MiB") }
    return unsafe scalar(.string(texts.text(of: text)))
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
    guard let last = open.popLast() else { return true }
    let elements = pending[last.start...].map { $0.value }
    pending.removeLast(elements.count)
    add(.array(elements))
    return true
  }

  mutating func endObject() -> Bool {
    guard let last = open.popLast() else { return true }
    let members = Array(pending[last.start...])
    pending.removeLast(members.count)
    if let name = firstDuplicate(among: members) {
      duplicate = name
      return refuse("duplicate name in an object: `" + name.escaped() + "`")
    }
    add(.object(JSONObject(members)))
    return true
  }

  private mutating func add(_ value: JSONValue) {
    if let last = open.last {
      pending.append(JSONObject.Member(name: last.name ?? ByteString(), value: value))
    } else {
      root = value
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
    zip(open, open.dropFirst().map { $0.start } + [pending.count]).map { value, next in
      value.name ?? ByteString(decimal: next - value.start)
    }
  }
}

/// Short texts that were made last: names of members and words such as `nosuid` occur in a document again
/// and again.
private struct TextCache {
  private var slots = [ByteString?](repeating: nil, count: 64)

  mutating func text(of bytes: UnsafeBufferPointer<UInt8>) -> ByteString {
    let count = bytes.count
    guard count > 0, count <= 32 else { return unsafe ByteString(bytes) }
    let (first, middle, last) = unsafe (bytes[0], bytes[count / 2], bytes[count - 1])
    let slot = (count &+ 3 &* Int(first) &+ 7 &* Int(middle) &+ 13 &* Int(last)) & 63
    if let text = slots[slot], unsafe text.hasBytes(bytes) { return text }
    let text = unsafe ByteString(bytes)
    slots[slot] = text
    return text
  }
}

/// Two readers of one object with a duplicate name may see two different configs (JS-2).
private func firstDuplicate(among members: [JSONObject.Member]) -> ByteString? {
  if members.count <= 16 {
    for index in members.indices {
      for other in 0..<index where members[other].name == members[index].name {
        return members[index].name
      }
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

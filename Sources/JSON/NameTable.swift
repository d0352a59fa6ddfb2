package import Bytes

/// The names that an object may have, as one text that costs nothing until it is read: words with a
/// blank between them, each with what follows it after a colon, `"path readonly user:U mounts:*M"`.
package struct NameTable: Sendable {
  private let text: StaticString

  package init(_ text: StaticString) { self.text = text }

  /// What stands after the colon of `name`: empty if nothing does, nil if it is no name of the table.
  package func note(of name: ByteString) -> ArraySlice<UInt8>? {
    let table = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    let wanted = name.bytes
    guard !wanted.isEmpty else { return nil }
    var at = 0
    while at < table.count {
      var end = at
      while end < table.count, unsafe table[end] != UInt8(ascii: " "),
        unsafe table[end] != UInt8(ascii: ":")
      { end += 1 }
      var last = end
      while last < table.count, unsafe table[last] != UInt8(ascii: " ") { last += 1 }
      if end - at == wanted.count, unsafe table[at..<end].elementsEqual(wanted) {
        return unsafe ArraySlice(table[min(end + 1, last)..<last])
      }
      at = last + 1
    }
    return nil
  }

  /// Every name with its note.
  package var entries: [(name: ByteString, note: ArraySlice<UInt8>)] {
    ByteString(stringLiteral: text).split(on: UInt8(ascii: " ")).filter { !$0.isEmpty }.map {
      let parts = $0.cut(at: UInt8(ascii: ":"))
      return (parts?.before ?? $0, parts?.after.bytes ?? [])
    }
  }

  package var names: [ByteString] { entries.map { $0.name } }
}

package import Bytes

extension JSONValue {
  /// The text of the tree: on one line, or over many, each level indented by `indent`.
  package func encoded() -> [UInt8] { encoded(indent: nil) }

  // Not inlined, as no part of the writer is: a dozen commands end with it.
  @inline(never)
  package func encoded(indent: ByteString?) -> [UInt8] {
    var writer = JSONWriter(indent: indent)
    writer.write(self)
    return writer.text
  }
}

private struct JSONWriter {
  private(set) var text: [UInt8] = []
  private let indent: ByteString?
  private var depth = 0

  init(indent: ByteString?) {
    self.indent = indent
    // A record or a state, in one piece.
    text.reserveCapacity(2000)
  }

  @inline(never)
  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: write(word: "null")
    case .bool(let value): write(word: value ? "true" : "false")
    case .number(let value): text += value.bytes
    case .string(let value): write(string: value)
    case .array(let elements):
      begin("[")
      for (index, element) in elements.enumerated() {
        next(index)
        write(element)
      }
      end("]", isEmpty: elements.isEmpty)
    case .object(let object):
      begin("{")
      for (index, member) in object.members.enumerated() {
        next(index)
        write(string: member.name)
        write(word: indent == nil ? ":" : ": ")
        write(member.value)
      }
      end("}", isEmpty: object.members.isEmpty)
    }
  }

  @inline(never)
  private mutating func write(word: StaticString) {
    unsafe text += UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
  }

  private mutating func begin(_ bracket: Unicode.Scalar) {
    text.append(UInt8(ascii: bracket))
    depth += 1
  }

  private mutating func next(_ index: Int) {
    if index > 0 { text.append(UInt8(ascii: ",")) }
    newLine()
  }

  private mutating func end(_ bracket: Unicode.Scalar, isEmpty: Bool) {
    depth -= 1
    if !isEmpty { newLine() }
    text.append(UInt8(ascii: bracket))
  }

  @inline(never)
  private mutating func newLine() {
    guard let indent else { return }
    text.append(0x0a)
    for _ in 0..<depth { text += indent.bytes }
  }

  /// A path may hold bytes that are not UTF-8: each becomes U+FFFD, since readers decode the whole
  /// document or none of it.
  private mutating func write(string: ByteString) {
    let bytes = string.bytes
    text.append(UInt8(ascii: "\""))
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, isPlain(bytes[end]) { end += 1 }
      if end > index {
        text += bytes[index..<end]
        index = end
        continue
      }
      let length = utf8Length(in: bytes.span, at: index)
      if length == 0 {
        text += [0xef, 0xbf, 0xbd]
      } else if length > 1 {
        text += bytes[index..<(index + length)]
      } else {
        write(ascii: bytes[index])
      }
      index += max(length, 1)
    }
    text.append(UInt8(ascii: "\""))
  }

  /// Whether the byte stands for itself.
  private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func write(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): write(word: "\\\"")
    case UInt8(ascii: "\\"): write(word: "\\\\")
    case 0x0a: write(word: "\\n")
    case 0x0d: write(word: "\\r")
    case 0x09: write(word: "\\t")
    case 0x00...0x1f, 0x7f:
      write(word: "\\u00")
      text += [hexadecimalDigit(byte >> 4), hexadecimalDigit(byte & 15)]
    default: text.append(byte)
    }
  }
}

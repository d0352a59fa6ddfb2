package import Bytes

/// A document that is not JSON, or that asks for something it may not.
package struct ConfigError: Error, Equatable, Sendable {
  /// RFC 6901: `/linux/namespaces/3/type`; empty for the document itself.
  package var pointer: ByteString
  /// Set when the text is not JSON: how many bytes precede the fault.
  package var offset: Int?
  package var reason: ByteString

  package init(_ pointer: ByteString, _ reason: ByteString) {
    self.pointer = pointer
    self.offset = nil
    self.reason = reason
  }

  package init(offset: Int, _ reason: ByteString) {
    self.pointer = ByteString()
    self.offset = offset
    self.reason = reason
  }

  package var message: ByteString { message(in: "config.json") }

  /// One line that names `file` and the place in it:
  /// ``config.json /linux/namespaces/3/type: unknown namespace `foo` ``.
  package func message(in file: ByteString) -> ByteString {
    if let offset { return file + ": byte " + ByteString(decimal: offset) + ": " + reason }
    return file + (pointer.isEmpty ? "" : " ") + pointer + ": " + reason
  }
}

/// `text` in backquotes for a message: at most 64 bytes of it, on one line. Control characters are
/// escaped, so that no input can forge a second log line.
package func quoted(_ text: ByteString) -> ByteString {
  var end = min(text.count, 64)
  // Not in the middle of a character: continuation bytes look like 10xxxxxx.
  while end < text.count, end > 0, text[end] & 0xc0 == 0x80 { end -= 1 }
  var result: [UInt8] = [UInt8(ascii: "`")]
  for byte in text.bytes.prefix(end) {
    if byte >= 0x20 && byte != 0x7f {
      result.append(byte)
    } else {
      result += [UInt8(ascii: "\\"), UInt8(ascii: "x"), hexDigit(byte >> 4), hexDigit(byte & 15)]
    }
  }
  if end < text.count { result += [0x2e, 0x2e, 0x2e] }
  result.append(UInt8(ascii: "`"))
  return ByteString(result)
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

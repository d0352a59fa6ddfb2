package import Bytes
package import JSON

/// A document that is not JSON, or that asks for something it may not.
package struct ConfigError: Error, Equatable, Sendable {
  /// RFC 6901: `/linux/namespaces/3/type`; empty for the document itself.
  package var pointer: ByteString
  /// Set when the text is not JSON: the byte at which reading stopped, counted from 1, and its place.
  package var offset: Int?
  package var place: JSONPlace?
  package var reason: ByteString

  package init(_ pointer: ByteString, _ reason: ByteString) {
    self.pointer = pointer
    self.reason = reason
  }

  package init(offset: Int, in text: [UInt8], _ reason: ByteString) {
    self.pointer = ByteString()
    self.offset = offset
    place = JSONPlace(offset: offset - 1, in: text)
    self.reason = reason
  }

  package var message: ByteString { message(in: "config.json") }

  /// One line that names `file` and the place in it:
  /// ``config.json /linux/namespaces/3/type: unknown namespace `foo` ``.
  package func message(in file: ByteString) -> ByteString {
    if let offset, let place {
      return file + ": line " + ByteString(decimal: place.line) + ", column "
        + ByteString(decimal: place.column) + " (byte " + ByteString(decimal: offset) + "): "
        + reason
    }
    return file + (pointer.isEmpty ? "" : " ") + pointer + ": " + reason
  }
}

/// `key` as one step of a pointer (RFC 6901), shortened and escaped as in `quoted`.
package func pointerToken(_ key: ByteString) -> ByteString {
  var result: [UInt8] = []
  for byte in key.escaped().bytes {
    switch byte {
    case UInt8(ascii: "~"): result += "~0".utf8
    case UInt8(ascii: "/"): result += "~1".utf8
    default: result.append(byte)
    }
  }
  return ByteString(result)
}

/// How a pointer of an error spells the name of a member, to find the member again.
package func spelledInPointer(_ name: ByteString) -> ByteString { pointerToken(name) }

package import Bytes
import CYajl

/// The text is not JSON, or more of it than a runtime reads.
package struct JSONError: Error, Equatable, Sendable {
  /// The byte at which reading stopped, counted from 1.
  package let offset: Int
  package let reason: ByteString
}

/// What one text may cost. The config of an engine stays below a tenth of each.
package enum JSONLimit {
  /// In bytes. Read one more of a file to see that it is longer.
  package static var size: Int { 32 << 20 }
  package static var depth: Int { 64 }
  /// Values and names together.
  package static var nodes: Int { 200_000 }
  /// In bytes, after unescaping.
  package static var string: Int { 1 << 20 }
}

extension JSONValue {
  /// Parses one JSON text, refusing duplicate names, a NUL in a string, a byte order mark and what
  /// exceeds `JSONLimit`.
  package static func parse(_ text: [UInt8]) throws(JSONError) -> JSONValue {
    guard text.count <= JSONLimit.size else {
      throw JSONError(offset: text.count, reason: "larger than 32 MiB")
    }
    try checkText(text.span)
    var builder = TreeBuilder()
    let failure = unsafe withUnsafeMutablePointer(to: &builder) { builder in
      unsafe text.withUnsafeBufferPointer { unsafe feed($0, to: builder) }
    }
    if let failure {
      guard let refusal = builder.refusal else { throw failure.named(in: text) }
      let again = builder.duplicate.flatMap { JSONLocator(text).secondName($0, in: builder.path) }
      throw JSONError(offset: again.map { $0 + 1 } ?? failure.offset, reason: refusal)
    }
    guard let root = builder.root else { throw JSONError(offset: text.count, reason: "no value") }
    return root
  }
}

/// Runs libyajl over `text`. Returns where it stopped and why, unless at the end.
private func feed(
  _ text: UnsafeBufferPointer<UInt8>, to builder: UnsafeMutablePointer<TreeBuilder>
) -> JSONError? {
  // The parser keeps the pointer, so the callbacks live as long as it does.
  unsafe withUnsafePointer(to: treeCallbacks) { callbacks in
    guard let parser = unsafe yajl_alloc(callbacks, nil, builder) else {
      return JSONError(offset: 0, reason: "out of memory")
    }
    defer { unsafe yajl_free(parser) }
    var offset = text.count
    var status = unsafe yajl_parse(parser, text.baseAddress, text.count)
    if status == yajl_status_ok {
      status = unsafe yajl_complete_parse(parser)
    } else {
      // 0 if the first byte is at fault.
      offset = max(1, unsafe yajl_get_bytes_consumed(parser))
    }
    guard status != yajl_status_ok else { return nil }
    return unsafe JSONError(offset: offset, reason: message(of: parser))
  }
}

/// The words of libyajl without "parse error: " in front and the full stop and newline behind.
private func message(of parser: yajl_handle) -> ByteString {
  guard let text = unsafe yajl_get_error(parser, 0, nil, 0) else { return "not JSON" }
  defer { unsafe yajl_free_error(parser, text) }
  var length = 0
  while unsafe text[length] != 0 { length += 1 }
  let words = unsafe ByteString(UnsafeBufferPointer(start: text, count: length))
  let reason = words.cut(at: UInt8(ascii: ":"))?.after.dropFirst(1) ?? words
  var end = reason.count
  while end > 0, reason[end - 1] == 0x0a || reason[end - 1] == UInt8(ascii: ".") { end -= 1 }
  return reason.prefix(end)
}

/// A path is a `ByteString`: what is between the slashes is bytes. All of this is text alone. No file is
/// looked at, so nothing here says what a path leads to.
extension ByteString {
  private static var slash: UInt8 { UInt8(ascii: "/") }
  private static var dot: UInt8 { UInt8(ascii: ".") }

  /// Where the first name at or behind `start` stands.
  private func nextName(from start: Int) -> Range<Int>? {
    let bytes = bytes
    var start = start
    while start < bytes.count, bytes[start] == ByteString.slash { start += 1 }
    var end = start
    while end < bytes.count, bytes[end] != ByteString.slash { end += 1 }
    return end > start ? start..<end : nil
  }

  /// Whether it begins with a slash, ends in none, and has no name that says nothing or leads back.
  @inline(never)
  package var isCleanPath: Bool {
    let bytes = bytes
    var length = 0
    var dots = 0
    guard bytes.first == ByteString.slash else { return false }
    for byte in bytes.dropFirst() {
      if byte == ByteString.slash {
        if length == dots, length <= 2 { return false }
        (length, dots) = (0, 0)
      } else {
        length += 1
        if byte == ByteString.dot { dots += 1 }
      }
    }
    return bytes.count == 1 || length > dots || length > 2
  }

  /// The names of a path, `..` among them, without empty ones and `.`.
  @inline(never)
  package var pathComponents: [ByteString] {
    var names = [ByteString]()
    var start = 0
    while let name = nextName(from: start) {
      if name.count > 1 || self[name.lowerBound] != ByteString.dot { names.append(piece(name)) }
      start = name.upperBound
    }
    return names
  }

  /// The text after the last slash: all of it where there is none, empty where it ends in one.
  @inline(never)
  package var baseName: ByteString {
    bytes.lastIndex(of: ByteString.slash).map { piece(($0 + 1)..<count) } ?? self
  }

  /// The text before the last slash, to be opened: `/` for `/name`, `.` for `name`.
  @inline(never)
  package var directoryName: ByteString {
    guard let slash = bytes.lastIndex(of: ByteString.slash) else { return "." }
    return slash == 0 ? "/" : prefix(slash)
  }

  /// `name` in the directory that this path is; an empty path is the place itself.
  @inline(never)
  package func appending(_ name: ByteString) -> ByteString {
    if isEmpty { return name }
    return self[count - 1] == ByteString.slash ? self + name : self + "/" + name
  }

  /// This path and the directories above it as its text has them, the nearest first, `/` or the first
  /// name last.
  @inline(never)
  package var ancestors: [ByteString] {
    var path = self
    var found = [ByteString]()
    while !path.isEmpty {
      found.append(path)
      guard path != "/", path.contains(ByteString.slash) else { break }
      path = path.directoryName
    }
    return found
  }

  /// The absolute path without `.`, `..` and doubled slashes, as text: what is checked against a
  /// rule is then also what is opened.
  @inline(never)
  package var cleanedPath: ByteString {
    if isCleanPath { return self }
    var names = [ByteString]()
    for name in pathComponents {
      if name == ".." { _ = names.popLast() } else { names.append(name) }
    }
    return "/" + names.joined(by: "/")
  }

  /// The rest of the path below `directory`, nil if it lies elsewhere. Both are cleaned paths.
  @inline(never)
  package func path(below directory: ByteString) -> ByteString? {
    if directory == "/" { return self }
    guard hasPrefix(directory) else { return nil }
    if count == directory.count { return "/" }
    return self[directory.count] == ByteString.slash ? dropFirst(directory.count) : nil
  }
}

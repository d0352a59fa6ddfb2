/// A path is a `ByteString`: what is between the slashes is bytes. All of this is text alone. No file is
/// looked at, so nothing here says what a path leads to.
extension ByteString {
  private static var slash: UInt8 { UInt8(ascii: "/") }

  /// The names of a path, `..` among them, without empty ones and `.`.
  @inline(never)
  package var pathComponents: [ByteString] {
    split(on: ByteString.slash).filter { !$0.isEmpty && $0 != "." }
  }

  /// The text after the last slash: all of it where there is none, empty where it ends in one.
  @inline(never)
  package var baseName: ByteString {
    bytes.lastIndex(of: ByteString.slash).map { dropFirst($0 + 1) } ?? self
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

package import Bytes
import JSON
import Linux

/// The documents of `spec-fixtures`.
package enum SpecFixtures {
  package static let root = ByteString(
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/spec-fixtures/")

  /// The names of the files in a directory, without the suffix, in order.
  package static func names(in directory: ByteString, _ suffix: ByteString = ".json") throws
    -> [String]
  {
    let folder = SharedDescriptor(try Handle.currentDirectory.open(root + directory, .directory))
    return try folder.handle.entries().map(\.name).filter { $0.hasSuffix(suffix) }
      .map { $0.dropLast(suffix.count).description }.sorted()
  }

  package static func read(_ path: String) throws -> [UInt8] {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(root + ByteString(path), .readOnly))
    return try file.handle.readAll(limit: JSONLimit.size)
  }

  package static func write(_ path: String, _ text: ByteString) throws {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(
        root + ByteString(path), [.writeOnly, .create, .truncate], mode: 0o644))
    try file.handle.writeAll(Array(text.bytes))
  }
}

/// A configuration that is refused, from a table in `spec-fixtures/bad`. Their form is explained in
/// Tests/fixtures.py, which reads them too.
package struct RefusedFixture: Sendable, CustomStringConvertible {
  package let name: String
  package let text: [UInt8]
  /// What it is refused with.
  package let line: ByteString

  package var description: String { name }

  package static func all(_ table: String) throws -> [RefusedFixture] {
    let base = try JSONValue.parse(SpecFixtures.read("good/process.json"))
    return try blocks(table).dropFirst().map { block in
      let lines = block.split(separator: "\n")
      return RefusedFixture(
        name: String(lines[0]),
        text: try text(lines[1...].dropLast().map { $0.dropFirst(2) }, base),
        line: ByteString(String(lines[lines.count - 1].dropFirst(4))))
    }
  }

  /// Writes the table with other lines of refusal, by name.
  package static func update(_ table: String, _ refusals: [String: ByteString]) throws {
    let blocks = try blocks(table).map { block in
      var lines = block.split(separator: "\n").map(String.init)
      if let refusal = refusals[lines[0]] { lines[lines.count - 1] = "  > " + refusal.description }
      return lines.joined(separator: "\n")
    }
    try SpecFixtures.write("bad/" + table, ByteString(blocks.joined(separator: "\n\n") + "\n"))
  }

  private static func blocks(_ table: String) throws -> [Substring] {
    String(decoding: try SpecFixtures.read("bad/" + table), as: UTF8.self)
      .split(separator: "\n\n")
  }

  private static func text(_ edits: [Substring], _ base: JSONValue) throws -> [UInt8] {
    let raw = edits.filter { $0.hasPrefix("|") }.map { $0.dropFirst(2) }
    guard raw.isEmpty, !edits.isEmpty else { return bytes(raw.joined(separator: "\n")) }
    var document = base
    for edit in edits {
      let whole = edit.replacing(/<<(.*?) x ([0-9]+)>>/) {
        String(repeating: String($0.output.1), count: Int($0.output.2) ?? 0)
      }
      let parts = whole.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let path = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
        String($0.replacing("~1", with: "/").replacing("~0", with: "~"))
      }
      let value = parts[1] == "-" ? nil : try JSONValue.parse(Array(parts[1].dropFirst(2).utf8))
      document = document.setting(path[...], to: value)
    }
    return document.encoded()
  }

  /// A text with `\x00` for a byte.
  private static func bytes(_ text: String) -> [UInt8] {
    var rest = Array(text.utf8)[...]
    var result: [UInt8] = []
    while let byte = rest.first {
      let code =
        rest.starts(with: "\\x".utf8)
        ? String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self) : ""
      if let value = UInt8(code, radix: 16) {
        result.append(value)
        rest = rest.dropFirst(4)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

extension JSONValue {
  /// The same with another value at `path`, or without it.
  fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue?) -> JSONValue {
    guard let name = path.first else { return value ?? .null }
    let rest = path.dropFirst()
    switch self {
    case .array(var elements):
      guard let index = Int(name), index <= elements.count else { preconditionFailure(name) }
      let old = index < elements.count ? elements[index] : .object(JSONObject())
      let new = rest.isEmpty ? value : old.setting(rest, to: value)
      elements.replaceSubrange(
        index..<min(index + 1, elements.count), with: new.map { [$0] } ?? [])
      return .array(elements)
    case .object(var object):
      let name = ByteString(name)
      let old = object[name] ?? .object(JSONObject())
      object[name] = rest.isEmpty ? value : old.setting(rest, to: value)
      return .object(object)
    default: preconditionFailure(name)
    }
  }
}

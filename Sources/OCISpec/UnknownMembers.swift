package import Bytes
package import JSON

/// A member that the specification does not know: it has no effect, which is allowed, and mostly a
/// mistake.
package struct UnknownMember: Equatable, Sendable {
  /// Of the member itself.
  package private(set) var pointer: ByteString
  package let name: ByteString
  package private(set) var guess: Guess

  /// What was meant by it.
  package enum Guess: Equatable, Sendable {
    case nothing
    /// A member of the same object.
    case member(ByteString)
    /// The same name, at another place.
    case elsewhere(ByteString)
    /// Of a profile as engines write it: the first stands for all.
    case engineProfile
  }

  /// ``unknown member: did you mean `readonly`? It has no effect``.
  package var message: ByteString {
    var text: ByteString = "unknown member without effect"
    switch guess {
    case .nothing: break
    case .member(let name): text += ": did you mean " + quoted(name) + "?"
    case .elsewhere(let place): text += ": it belongs to " + place
    case .engineProfile:
      text +=
        ": this profile is in an engine's form; config.json needs the rules that an engine makes of it"
    }
    if pointer == "/root/" + name, guess == .member("readonly") {
      text += " The root filesystem stays writable"
    }
    return text
  }

  fileprivate mutating func isBelow(_ step: ByteString) {
    pointer = "/" + pointerToken(step) + pointer
  }
}

extension UnknownMember {
  /// Which document is looked at.
  package enum Document: Sendable { case config, process, resources }

  /// All of `value`, at most `limit` of them.
  package static func find(
    in value: JSONValue, _ document: Document = .config, limit: Int = 16
  ) -> [UnknownMember] {
    var found = [UnknownMember]()
    let shape =
      switch document {
      case .config: ObjectShape("C")
      case .process: ObjectShape("P")
      case .resources: ObjectShape("r")
      }
    look(at: value, shape, limit, &found)
    let engines = found.indices.filter { found[$0].isOfEngine }
    for index in engines.dropFirst().reversed() { found.remove(at: index) }
    if let first = engines.first { found[first].guess = .engineProfile }
    return found
  }

  private var isOfEngine: Bool {
    pointer.hasPrefix("/linux/seccomp/")
      && ["archMap", "includes", "excludes", "comment"].contains(name)
  }

  private static func look(
    at value: JSONValue, _ shape: ObjectShape, _ limit: Int, _ found: inout [UnknownMember]
  ) {
    guard case .object(let object) = value else { return }
    let table = shape.members
    for member in object.members where found.count < limit {
      guard let note = table.note(of: member.name) else {
        // A vendor's own: nothing of the specification has a dot or a dash.
        if member.name.contains(UInt8(ascii: ".")) || member.name.contains(UInt8(ascii: "-")) {
          continue
        }
        found.append(
          UnknownMember(
            pointer: "/" + pointerToken(member.name), name: member.name,
            guess: guess(member.name, shape)))
        continue
      }
      guard let letter = note.last else { continue }
      let first = found.count
      if note.count == 1 {
        look(at: member.value, ObjectShape(letter: letter), limit, &found)
      } else {
        look(atEach: member.value, ObjectShape(letter: letter), limit, &found)
      }
      for index in first..<found.count { found[index].isBelow(member.name) }
    }
  }

  /// A list of such objects, or a map to them.
  private static func look(
    atEach value: JSONValue, _ shape: ObjectShape, _ limit: Int, _ found: inout [UnknownMember]
  ) {
    switch value {
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        let first = found.count
        look(at: element, shape, limit, &found)
        for new in first..<found.count { found[new].isBelow(ByteString(decimal: index)) }
      }
    case .object(let object):
      for member in object.members {
        let first = found.count
        look(at: member.value, shape, limit, &found)
        for new in first..<found.count { found[new].isBelow(member.name) }
      }
    case .null, .bool, .number, .string: break
    }
  }

  private static func guess(_ name: ByteString, _ shape: ObjectShape) -> Guess {
    let names = shape.members.names
    for own in names where own.lowercased == name.lowercased { return .member(own) }
    if let meant = ObjectShape.synonyms.note(of: name.lowercased) {
      let meant = ByteString(meant)
      if names.contains(meant) { return .member(meant) }
    }
    let near = name.nearest(among: names)
    // `prestarts` in `hooks` is a slip of the pen, `capabilities` in `linux` is at the wrong place.
    if let place = place(of: name, below: ObjectShape("C"), at: "", depth: 0, besides: shape) {
      return .elsewhere(place)
    }
    return near.map { .member($0) } ?? .nothing
  }

  /// The first object of the configuration that has a member `name`.
  private static func place(
    of name: ByteString, below shape: ObjectShape, at pointer: ByteString, depth: Int,
    besides: ObjectShape
  ) -> ByteString? {
    // Names that half of the objects have say nothing.
    if ["type", "path", "name", "flags", "limit", "priority"].contains(name) { return nil }
    let entries = shape.members.entries
    if shape != besides, entries.contains(where: { $0.name == name }) {
      return pointer.isEmpty ? "the top level" : pointer
    }
    guard depth < 4 else { return nil }
    for entry in entries {
      guard let letter = entry.note.last else { continue }
      let below = pointer + "/" + entry.name + (entry.note.count > 1 ? "/N" : "")
      if let found = place(
        of: name, below: ObjectShape(letter: letter), at: below, depth: depth + 1,
        besides: besides)
      {
        return found
      }
    }
    return nil
  }
}

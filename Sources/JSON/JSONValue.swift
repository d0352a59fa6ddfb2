package import Bytes

/// A JSON text as a tree.
package enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As spelled: 64-bit integers of both signs occur, and a `Double` holds neither (JS-4).
  case number(ByteString)
  case string(ByteString)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of an object in the order of the text, each name once.
package struct JSONObject: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    package let name: ByteString
    package var value: JSONValue
  }

  package private(set) var members: [Member]

  package init() { members = [] }

  /// Takes `members` as they are: the parser refuses a duplicate name itself.
  init(_ members: [Member]) { self.members = members }

  /// Setting `nil` leaves the member out, so that an optional property is one line to write.
  package subscript(name: ByteString) -> JSONValue? {
    @inline(never)
    get {
      for member in members where member.name == name { return member.value }
      return nil
    }
    set { set(name, newValue) }
  }

  // Texts and values are given away here: each would be a release at every place where a member is set.
  @inline(never)
  private mutating func set(_ name: consuming ByteString, _ value: consuming JSONValue?) {
    for index in members.indices where members[index].name == name {
      members.remove(at: index)
      break
    }
    if let value { members.append(Member(name: name, value: value)) }
  }

  /// The value of a member known when compiling; `null` is as good as absent (JS-3).
  @inline(never)
  package func value(of name: StaticString) -> JSONValue? {
    for member in members where member.name == name {
      if case .null = member.value { return nil }
      return member.value
    }
    return nil
  }
}

extension JSONValue {
  @inline(__always)
  package static func integer(_ value: some BinaryInteger) -> JSONValue {
    .number(ByteString(decimal: value))
  }

  @inline(never)
  package static func strings(_ values: [ByteString]) -> JSONValue {
    .array(values.map { .string($0) })
  }
}

// Literals, so that a document written here looks like the document.

extension JSONValue: ExpressibleByStringLiteral {
  package init(stringLiteral value: StaticString) {
    self = .string(ByteString(stringLiteral: value))
  }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  @inline(never)
  package init(dictionaryLiteral elements: (ByteString, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(name: $0, value: $1) }))
  }
}

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
    get { members.first { $0.name == name }?.value }
    set {
      members.removeAll { $0.name == name }
      if let newValue { members.append(Member(name: name, value: newValue)) }
    }
  }

  /// The value of a member known when compiling; `null` is as good as absent (JS-3).
  package func value(of name: StaticString) -> JSONValue? {
    let name = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    for member in members {
      guard member.name.count == name.count, unsafe member.name.bytes.elementsEqual(name) else {
        continue
      }
      if case .null = member.value { return nil }
      return member.value
    }
    return nil
  }
}

extension JSONValue {
  package static func integer(_ value: some BinaryInteger) -> JSONValue {
    .number(ByteString(decimal: value))
  }

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
  package init(dictionaryLiteral elements: (ByteString, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}

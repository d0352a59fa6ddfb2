package import Bytes
package import Diagnosis
import JSON

/// What `explain --format json` prints of codes.
package enum CodeDocument {
  package static func text(_ code: CodePage?) -> ByteString {
    let value = code.map { json($0) } ?? .array(CodePage.all.map { json($0) })
    return ByteString(value.encoded(indent: "  ")) + "\n"
  }

  private static func json(_ code: CodePage) -> JSONValue {
    [
      "code": .string(code.name),
      "meaning": .string(code.meaning),
      "example": .string(code.example),
    ]
  }
}

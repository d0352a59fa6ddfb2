package import Bytes
package import Diagnosis
import JSON

/// What `explain --format json` prints of codes.
package enum CodeDocument {
  package static func text(_ code: DiagnosisCode?) -> ByteString {
    let value = code.map { json($0) } ?? .array(DiagnosisCode.allCases.map { json($0) })
    return ByteString(value.encoded(indent: "  ")) + "\n"
  }

  private static func json(_ code: DiagnosisCode) -> JSONValue {
    [
      "code": .string(ByteString(stringLiteral: code.word)),
      "meaning": .string(ByteString(stringLiteral: code.text.meaning)),
      "example": .string(ByteString(stringLiteral: code.text.example)),
    ]
  }
}

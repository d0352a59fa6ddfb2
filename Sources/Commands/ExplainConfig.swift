package import Bytes
import Diagnosis
import JSON
package import OCISpec
package import Report

/// Why a document was refused, found out from its text.
package struct ConfigExplanation {
  private let text: [UInt8]
  private let file: ByteString
  private let document: UnknownMember.Document

  /// - Parameter file: as the notes are to name it.
  package init(_ text: [UInt8], _ file: ByteString, _ document: UnknownMember.Document = .config) {
    self.text = text
    self.file = file
    self.document = document
  }

  package func failure(_ error: ConfigError, message: ByteString? = nil) -> CommandFailure {
    var failure = CommandFailure(error)
    if let message { failure.message = message }
    if let offset = error.offset {
      let start = min(max(offset - 1, 0), text.count)
      failure.report?.source = FailureReport.SourcePlace(
        file, text, start..<min(start + 1, text.count))
      return failure.diagnosed(
        Diagnosis(error.reason.hasPrefix("duplicate name") ? .configDuplicate : .configSyntax))
    }
    return failure.located(in: text, file).diagnosed(diagnosis(error))
  }

  private func diagnosis(_ error: ConfigError) -> Diagnosis {
    if let image = image(error) { return image }
    let value = value(at: error.pointer)
    if error.reason == "missing" { return missing(error.pointer) }
    if error.reason.hasPrefix("expected ") { return wrongType(error.reason, value) }
    if error.reason.hasPrefix("unknown "), let word = word(error.pointer, value) { return word }
    if ByteString("whole number from ").occurs(in: error.reason) { return .init(.configNumber) }
    return Diagnosis(
      ByteString("no directory").occurs(in: error.reason) && error.pointer == "/root/path"
        ? .rootAbsent : .configRule)
  }

  /// The text of the value, shortened.
  private func value(at pointer: ByteString) -> ByteString {
    let steps = Array(pointer.split(on: UInt8(ascii: "/")).dropFirst())
    let range = JSONLocator(text).range(of: steps, spelled: spelledInPointer)
    return ByteString(text[range].prefix(400))
  }

  private var tree: JSONValue? {
    do throws(JSONError) { return try JSONValue.parse(text) } catch { return nil }
  }

  /// People take the configuration of an image, or its manifest, for that of a bundle.
  private func image(_ error: ConfigError) -> Diagnosis? {
    guard case .object(let object)? = tree, object["root"] == nil, object["process"] == nil else {
      return nil
    }
    if object["config"] != nil || object["history"] != nil || object["rootfs"] != nil,
      object["architecture"] != nil || object["rootfs"] != nil
    {
      return Diagnosis(
        .configImage, "this is the configuration of an image, not of a bundle",
        hint: "unpack the image to a bundle first, or begin with `apus spec`")
    }
    if object["layers"] != nil || object["manifests"] != nil || object["schemaVersion"] != nil {
      return Diagnosis(
        .configImage, "this is the manifest or index of an image, not the config.json of a bundle",
        hint: "unpack the image to a bundle first, or begin with `apus spec`")
    }
    return nil
  }

  private func missing(_ pointer: ByteString) -> Diagnosis {
    let slash = pointer.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    let parent = pointer.prefix(slash)
    let name = pointer.dropFirst(slash + 1)
    guard let tree else { return Diagnosis(.configMissing) }
    for unknown in UnknownMember.find(in: tree, document, limit: 64) {
      guard unknown.pointer.hasPrefix(parent + "/"),
        !unknown.pointer.dropFirst(parent.count + 1).contains(UInt8(ascii: "/"))
      else { continue }
      if unknown.guess == .member(name) {
        return Diagnosis(
          .configMissing, "the unknown member " + unknown.pointer + " is probably meant for it",
          hint: "did you mean `" + name + "` by `" + unknown.name.escaped(limit: 64) + "`?")
      }
    }
    return Diagnosis(.configMissing, hint: "add it")
  }

  private func wrongType(_ reason: ByteString, _ value: ByteString) -> Diagnosis {
    let shown = value.escaped(limit: 60)
    var hint = ByteString()
    let isText = value.hasPrefix("\"")
    if reason.hasPrefix("expected an array"), isText {
      hint = "write a list of strings: [" + shown + "]"
    } else if reason.hasPrefix("expected a number"), isText {
      hint = "write it without quotes"
    } else if reason.hasPrefix("expected true or false") {
      hint = "write true or false, without quotes"
    } else if reason.hasPrefix("expected a string"), value.hasPrefix("[") {
      hint = "write one string"
    } else if reason.hasPrefix("expected a string"), !value.hasPrefix("{") {
      hint = "write it in quotes"
    } else if reason.hasPrefix("expected an array"), value.hasPrefix("{") {
      hint = "write a list: [" + shown.prefix(1) + "…}]"
    }
    return Diagnosis(.configType, shown.isEmpty ? "" : "`" + shown + "`", hint: hint)
  }

  private func word(_ pointer: ByteString, _ value: ByteString) -> Diagnosis? {
    guard let words = OCISpec.knownWords(at: pointer) else { return nil }
    // Without its quotes; the key of a map is the last step.
    let given =
      value.hasPrefix("\"")
      ? value.dropFirst(1).dropLast(1)
      : pointer.dropFirst((pointer.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0) + 1)
    if let near = given.nearest(among: words) {
      return Diagnosis(.configWord, hint: "did you mean `" + near + "`?")
    }
    let tail: ByteString = words.count > 16 ? ", …" : ""
    let list = Array(words.prefix(16)).joined(by: ", ")
    return Diagnosis(.configWord, hint: "it is one of " + list + tail)
  }
}

extension ByteString {
  /// Whether `text` contains this.
  func occurs(in text: ByteString) -> Bool {
    guard text.count >= count, !isEmpty else { return false }
    for start in 0...(text.count - count) where text.dropFirst(start).hasPrefix(self) {
      return true
    }
    return false
  }
}

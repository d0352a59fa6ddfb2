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
        error.reason.hasPrefix("duplicate name")
          ? Diagnosis(.configDuplicate, hint: "remove one of the two") : Diagnosis(.configSyntax))
    }
    let slip = slip(error)
    if let slip { failure = failure.located(in: text, file, name: slip.member.pointer) }
    return failure.located(in: text, file).diagnosed(diagnosis(error, slip))
  }

  /// A value that is there and wrong is so by itself.
  private func slip(_ error: ConfigError) -> ConfigSlip? {
    if error.reason.hasPrefix("expected ") || error.reason.hasPrefix("unknown ") { return nil }
    let places = [error.pointer] + ConfigExplanation.pointers(in: error.reason)
    return tree.flatMap { ConfigSlip.find(in: $0, document, for: places) }
  }

  /// A container without a process can be created; there is nothing to run in it.
  func withoutProgram() -> CommandFailure {
    failure(ConfigError("/process", "missing"))
  }

  private func diagnosis(_ error: ConfigError, _ slip: ConfigSlip?) -> Diagnosis {
    if let other = OtherDocument(tree, document) { return other.diagnosis }
    if error.reason == "missing" {
      return slip?.diagnosis(.configMissing) ?? missing(error.pointer)
    }
    let text = value(at: error.pointer)
    if error.reason.hasPrefix("expected ") { return wrongType(error, text) }
    if error.reason.hasPrefix("unknown "), let word = word(error) { return word }
    if ByteString("whole number from ").occurs(in: error.reason) {
      let range = error.reason.hasPrefix("`-1`") && error.pointer.hasPrefix("/process/rlimits")
      return Diagnosis(
        .configNumber, hint: range ? "write 18446744073709551615, which is no limit" : "")
    }
    if let slip { return slip.diagnosis(.configRule) }
    let isRoot = error.pointer == "/root/path"
    return Diagnosis(
      isRoot && ByteString("no directory").occurs(in: error.reason) ? .rootAbsent : .configRule,
      hint: rule(error, text))
  }

  /// The properties that a rule names beside the one that is refused.
  private static func pointers(in reason: ByteString) -> [ByteString] {
    reason.split(on: 0x20).filter { $0.hasPrefix("/") && $0.count > 2 }
  }

  /// The text of the value.
  private func value(at pointer: ByteString) -> [UInt8] {
    let steps = Array(pointer.split(on: UInt8(ascii: "/")).dropFirst())
    return Array(text[JSONLocator(text).range(of: steps, spelled: spelledInPointer)])
  }

  private var tree: JSONValue? {
    do throws(JSONError) { return try JSONValue.parse(text) } catch { return nil }
  }

  private func missing(_ pointer: ByteString) -> Diagnosis {
    let hint: ByteString =
      switch pointer {
      case "/ociVersion": "add \"ociVersion\": \"1.2.0\""
      case "/root": "add \"root\": {\"path\": \"rootfs\"}"
      case "/process":
        "add \"process\": {\"user\": {\"uid\": 0, \"gid\": 0}, \"args\": [\"sh\"], \"cwd\": \"/\"}"
      case "/process/args", "/args": "add \"args\": [\"/bin/sh\"]"
      case "/process/cwd", "/cwd": "add \"cwd\": \"/\""
      default: "add it"
      }
    return Diagnosis(
      .configMissing, pointer == "/process" ? "there is no program to run" : "", hint: hint)
  }

  private func wrongType(_ error: ConfigError, _ text: [UInt8]) -> Diagnosis {
    var value: JSONValue?
    do throws(JSONError) { value = try JSONValue.parse(text) } catch {}
    // On one line, as what it is.
    let shown = text.prefix(400).split { $0 <= 0x20 }.map { ByteString($0) }.joined(by: " ")
    return Diagnosis(
      .configType, shown.isEmpty ? "" : "`" + shown.escaped(limit: 60) + "`",
      hint: ValueRepair(pointer: error.pointer, value: value).hint(error.reason))
  }

  private func word(_ error: ConfigError) -> Diagnosis? {
    guard let words = OCISpec.knownWords(at: error.pointer) else { return nil }
    let quoted = error.reason.cut(at: UInt8(ascii: "`"))?.after.cut(at: UInt8(ascii: "`"))
    let given = quoted?.before ?? ""
    if error.pointer.hasPrefix("/linux/namespaces/"), given == "host" {
      return Diagnosis(.configWord, hint: ConfigExplanation.hostNamespace)
    }
    if let near = KnownWord.meant(by: given, among: words) {
      return Diagnosis(.configWord, hint: "did you mean `" + near + "`?")
    }
    let tail: ByteString = words.count > 16 ? ", …" : ""
    let list = Array(words.prefix(16)).joined(by: ", ")
    return Diagnosis(.configWord, hint: "it is one of " + list + tail)
  }

  /// As engines say it on their command lines.
  private static var hostNamespace: ByteString {
    "leave the entry out: without one the namespace is the host's"
  }

  private func rule(_ error: ConfigError, _ value: [UInt8]) -> ByteString {
    let reason = error.reason
    let words = reason.split(on: 0x20)
    if reason.hasSuffix("/linux/namespaces"), case .object(let object) = tree,
      object["linux"] == nil
    {
      return "/linux is missing: add it with its namespaces (`apus spec` writes one)"
    }
    if reason.hasSuffix("/linux/namespaces"),
      let at = words.firstIndex(of: "namespace"), at > 0, words[at - 1] != "without"
    {
      return "add {\"type\": \"" + words[at - 1] + "\"} to /linux/namespaces"
    }
    if error.pointer.hasPrefix("/linux/namespaces/"), error.pointer.hasSuffix("/path"),
      ByteString(value) == "\"host\""
    {
      return ConfigExplanation.hostNamespace
    }
    if ByteString("absolute path").occurs(in: reason), value.first == UInt8(ascii: "\"") {
      let path = ByteString(value).dropFirst(1).dropLast(1)
      return "write the whole path: " + ("/" + path).inJSON
    }
    if ByteString("not a setting of a namespace").occurs(in: reason) {
      let key = error.pointer.dropFirst(14)
      let first = key.split(on: UInt8(ascii: "."))[0]
      if let near = first.nearest(among: ["net", "kernel", "fs", "user"]), near != first {
        return "did you mean `" + near + key.dropFirst(first.count) + "`?"
      }
      return "remove it, and set it on the host: sysctl -w " + key + "="
        + ByteString(value).dropFirst(1).dropLast(1)
    }
    if ByteString("means nothing on").occurs(in: reason),
      let option = reason.cut(at: UInt8(ascii: "`"))?.after.cut(at: UInt8(ascii: "`"))?.before
    {
      return KnownWord.mountOption(option) ?? "remove it"
    }
    return RuleRemedies.hint(reason) ?? ""
  }
}

package import Bytes
package import JSON
package import Linux
package import OCISpec
package import Plan

/// A configuration, judged by every rule of decoding and planning.
package struct Examination: Sendable {
  package private(set) var findings: [Finding] = []
  /// What is left when everything that is wrong was taken out; nil if nothing can be planned.
  package private(set) var config: Config?
  package private(set) var plan: CreatePlan?
  /// Where the text stops being JSON: how many bytes precede the fault.
  package private(set) var offset: Int?
  /// The document as given, for rules about its own members; nil if it is no JSON.
  package private(set) var document: JSONValue?
  private var repair: Repair?

  /// More errors than these would tell nothing.
  private static let most = 100

  package init(_ text: [UInt8], _ request: CreateRequest, host: HostFacts) {
    let parsed: JSONValue
    do throws(JSONError) { parsed = try JSONValue.parse(text) } catch {
      offset = error.offset
      findings.append(
        .error("config-syntax", "byte " + ByteString(decimal: error.offset) + ": " + error.reason)
      )
      return
    }
    document = parsed
    for member in UnknownMember.find(in: parsed) {
      findings.append(.warning("config-unknown-member", at: member.pointer, member.message))
    }
    var repair = Repair(parsed)
    while findings.count < Examination.most {
      do throws(ConfigError) {
        let config = try Config.read(repair.document)
        let plan = try CreatePlan.make(config, request, host: host)
        (self.config, self.plan) = (config, plan)
        break
      } catch {
        // What is missing now may be what was taken out.
        let place = repair.original(error.pointer)
        let isKnown = findings.contains {
          $0.pointer == place || $0.pointer.hasPrefix(place + "/")
        }
        if !isKnown {
          findings.append(.error(code(of: error.reason), at: place, error.reason))
        }
        if !repair.remove(error.pointer) || repair.isBroken { break }
      }
    }
    self.repair = repair
    // What stands for the program is not looked for.
    if repair.hasNoProgram { plan?.exec.program = nil }
    for warning in plan?.warnings ?? [] { add(warning: warning) }
    if let config, let plan {
      add(Lint.findings(config, plan))
      if config.process == nil { withoutProgram() }
    }
  }

  /// Allowed, and of use to somebody; mostly it is misspelt.
  private mutating func withoutProgram() {
    let isMeant = document.map { UnknownMember.find(in: $0) }?.contains {
      $0.guess == .member("process") && $0.pointer == "/" + pointerToken($0.name)
    }
    findings.append(
      Finding(
        isMeant == true ? .error : .note, "config-missing", at: "/process",
        isMeant == true
          ? "missing"
          : "missing: there is no program to run, the container can be created and not started"))
  }

  private func code(of reason: ByteString) -> ByteString {
    if reason.hasPrefix("missing") { return "config-missing" }
    if reason.hasPrefix("expected ") { return "config-type" }
    if reason.hasPrefix("unknown ") { return "config-word" }
    return reason.contains(" is not a whole number") ? "config-number" : "config-rule"
  }

  /// The plan says `POINTER: text`, or text alone.
  private mutating func add(warning: ByteString) {
    let parts = warning.hasPrefix("/") ? warning.cut(at: UInt8(ascii: ":")) : nil
    let pointer = parts.map { original($0.before) } ?? ""
    let text = parts.map { $0.after.hasPrefix(" ") ? $0.after.dropFirst(1) : $0.after } ?? warning
    let code: ByteString =
      pointer.hasPrefix("/process/capabilities") ? "capability-left-out" : "config-warning"
    findings.append(.warning(code, at: pointer, text))
  }

  /// The place in the document of what the plan calls `pointer`.
  package func original(_ pointer: ByteString) -> ByteString {
    repair?.original(pointer) ?? pointer
  }

  private func hasError(at place: ByteString) -> Bool {
    findings.contains { $0.severity == .error && $0.pointer.hasPrefix(place + "/") }
  }

  /// Findings about the plan, at their places in the document.
  package mutating func add(_ found: [Finding]) {
    for finding in found {
      var finding = finding
      finding.pointer = original(finding.pointer)
      // Of a rule that was taken out, or a root that only stands for one, nothing follows.
      if finding.code == "exec-filter", hasError(at: "/linux/seccomp") { continue }
      if finding.pointer == "/root/path", findings.contains(where: { $0.pointer == "/root" }) {
        continue
      }
      if !findings.contains(finding) { findings.append(finding) }
    }
  }
}

import Bytes
import Check
import Container
import Diagnosis
import JSON
import Linux
import OCISpec
import Plan
import Report
import Rootfs
import StateStore

/// `check`: what is wrong with a bundle, without making anything of it.
enum CheckCommand {
  static func perform(_ options: CheckOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let report = try examine(options, context)
    switch options.format {
    case .json: try Output.write(report.json.encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(Array(report.lines.bytes))
    }
    return report.fails(options) ? 1 : 0
  }

  private static func examine(_ options: CheckOptions, _ context: CommandContext)
    throws(CommandFailure) -> CheckReport
  {
    let text: [UInt8]
    do throws(CommandFailure) { text = try options.changes.text(of: options.config, context) } catch
    {
      // One that is absent says already what to do.
      let isAbsent = error.message.hasPrefix("there is no")
      let found = CommandExplanation.unreadable(error.message)
      return CheckReport(
        file: options.config,
        findings: [
          Finding(
            .error, "config-absent",
            (isAbsent ? "no such file: " : "") + error.message
              + (found.map { ": " + $0.cause } ?? ""), remedy: found?.hint ?? "")
        ])
    }
    let host = judgedHost(options, context.host)
    let request = CreateRequest(
      id: "check", bundle: options.bundle, cgroupManager: context.cgroupManager)
    var examination = Examination(text, request, host: host)
    if let plan = examination.plan {
      let caller = Caller(
        user: host.effectiveUserID, group: host.effectiveGroupID,
        isSelf: host.effectiveUserID == context.host.effectiveUserID)
      let looks = Looks(plan, host: host, caller: caller)
      examination.add(looks.findings)
      // Another user has another one.
      if caller.isSelf { examination.add(looks.stateRoot(context.root.path)) }
    }
    var findings = examination.findings.map { explained($0, text, options.config) }
    // A document of another kind: the rest follows from that.
    let image = ByteString(stringLiteral: DiagnosisCode.configImage.word)
    if let other = findings.first(where: { $0.code == image }) {
      findings = [Finding(.error, image, other.message, remedy: other.remedy)]
    }
    var report = CheckReport(file: options.config, text: text, findings: findings)
    if options.security, let config = examination.config, let plan = examination.plan {
      report.threshold = options.threshold
      report.exposure = Exposure(
        config, ofRoot: !host.isRootless, root: rootStatus(plan.rootfs.path))
    }
    return report
  }

  /// With what is known of a refused value: the word that was meant, the member that it is.
  private static func explained(_ finding: Finding, _ text: [UInt8], _ file: ByteString)
    -> Finding
  {
    guard finding.severity == .error, finding.code.hasPrefix("config-") else { return finding }
    var error = ConfigError(finding.pointer, finding.message)
    if finding.code == "config-syntax" {
      do throws(ConfigError) { _ = try Config.decode(text) } catch let refusal { error = refusal }
    }
    guard let report = ConfigExplanation(text, file).failure(error).report else { return finding }
    var finding = finding
    if let code = report.code { finding.code = ByteString(stringLiteral: code.word) }
    let place = error.offset == nil ? "" : error.message(in: "").dropFirst(2)
    finding.message =
      (place.isEmpty ? error.reason : place) + (report.cause.isEmpty ? "" : ": " + report.cause)
    if finding.remedy.isEmpty { finding.remedy = report.hint }
    finding.offset = error.offset.map { $0 - 1 }
    return finding
  }

  /// The facts as they are for the caller that is asked about.
  private static func judgedHost(_ options: CheckOptions, _ host: HostFacts) -> HostFacts {
    let owner = options.rootless ? rootStatus(options.bundle)?.userID ?? 0 : 0
    let rootless: UInt32? = options.rootless ? (owner == 0 ? 65534 : owner) : nil
    guard let user = options.asUser ?? rootless, user != host.effectiveUserID else { return host }
    var host = host
    host.effectiveUserID = user
    host.effectiveGroupID = UserName.group(of: user) ?? user
    host.permittedCapabilities = 0
    return host
  }

  private static func rootStatus(_ path: ByteString) -> FileStatus? {
    do throws(SyscallError) {
      let directory = SharedDescriptor(
        try Handle.currentDirectory.open(path, [.path, .directory]))
      return try directory.handle.status()
    } catch {
      return nil
    }
  }
}

/// What `check` says, as text and as JSON.
struct CheckReport {
  var file: ByteString
  var text: [UInt8] = []
  var findings: [Finding]
  var exposure: Exposure?
  var threshold: Int?

  func count(_ severity: Finding.Severity) -> Int {
    findings.filter { $0.severity == severity }.count
  }

  func fails(_ options: CheckOptions) -> Bool {
    if count(.error) > 0 || (options.strict && count(.warning) > 0) { return true }
    guard let exposure, let threshold = options.threshold else { return false }
    return exposure.score > threshold
  }

  /// Where in the document it is; nil for what lies outside of it.
  private func place(of finding: Finding) -> FailureReport.SourcePlace? {
    if let offset = finding.offset {
      let start = min(max(offset, 0), text.count)
      return FailureReport.SourcePlace(file, text, start..<min(start + 1, text.count))
    }
    if text.isEmpty || finding.pointer.isEmpty { return nil }
    let steps = Array(finding.pointer.split(on: UInt8(ascii: "/")).dropFirst())
    let locator = JSONLocator(text)
    // What is misspelt is the name.
    let name =
      finding.code == "config-unknown-member"
      ? locator.nameRange(of: steps, spelled: spelledInPointer) : nil
    return FailureReport.SourcePlace(
      file, text, name ?? locator.range(of: steps, spelled: spelledInPointer))
  }

  var lines: ByteString {
    var lines = [ByteString]()
    for finding in findings {
      lines.append(
        finding.severity.name + "[" + finding.code + "]" + (finding.pointer.isEmpty ? "" : " ")
          + finding.pointer.escaped(limit: 500) + ": " + finding.message.escaped(limit: 2000))
      var report = FailureReport()
      report.source = place(of: finding)
      report.hint = finding.remedy.escaped(limit: 1000)
      lines += report.notes.split(on: 0x0a).filter { !$0.isEmpty }
    }
    if let exposure {
      lines += exposure.lines
      if let threshold, exposure.score > threshold {
        lines.append("above the threshold, " + ByteString(decimal: threshold))
      }
    }
    lines.append(
      Finding.Severity.allCases.map { severity in
        let number = count(severity)
        return ByteString(decimal: number) + " " + severity.name + (number == 1 ? "" : "s")
      }.joined(by: ", "))
    return lines.joined(by: "\n") + "\n"
  }

  var json: JSONValue {
    var object = JSONObject()
    object["file"] = .string(file)
    object["findings"] = .array(findings.map { $0.json(place(of: $0)?.place) })
    object["errors"] = .integer(count(.error))
    object["warnings"] = .integer(count(.warning))
    object["notes"] = .integer(count(.note))
    if let exposure { object["exposure"] = exposure.json }
    return .object(object)
  }
}

extension Finding {
  fileprivate func json(_ place: JSONPlace?) -> JSONValue {
    var object = JSONObject()
    object["severity"] = .string(severity.name)
    object["code"] = .string(code)
    object["pointer"] = .string(pointer)
    if let place {
      object["line"] = .integer(place.line)
      object["column"] = .integer(place.column)
    }
    object["message"] = .string(message)
    if !remedy.isEmpty { object["remedy"] = .string(remedy) }
    return .object(object)
  }
}

extension Exposure {
  fileprivate var lines: [ByteString] {
    var table: [[ByteString]] = [["POINTS", "CODE", "WHAT"]]
    for row in rows {
      let what = row.message + (row.remedy.isEmpty ? "" : "; " + row.remedy)
      table.append([
        row.points == 0 ? "-" : ByteString(decimal: row.points), row.code,
        what.escaped(limit: 1000),
      ])
    }
    let text = ByteString(Table.text(table))
    return text.split(on: 0x0a).filter { !$0.isEmpty }
      + ["exposure " + ByteString(decimal: score) + " of 100: " + level]
  }

  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["score"] = .integer(score)
    object["level"] = .string(level)
    object["rows"] = .array(
      rows.map { row in
        var entry = JSONObject()
        entry["code"] = .string(row.code)
        entry["pointer"] = .string(row.pointer)
        entry["points"] = .integer(row.points)
        entry["message"] = .string(row.message)
        if !row.remedy.isEmpty { entry["remedy"] = .string(row.remedy) }
        return .object(entry)
      })
    return .object(object)
  }
}

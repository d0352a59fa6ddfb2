import Foundation

/// What a file of this project looks like. Every rule is a function of text, so that each can be shown
/// a text that breaks it.
enum Tidy {
  static let longestFile = 400
  static let longestFunction = 60
  static let unsafeModules: Set<String> = ["Linux", "Bytes", "JSON", "Seccomp"]

  /// Words that code below Sources does not say, and what is said instead.
  static let banned: [(word: String, instead: String)] = [
    (#"\btry\?"#, "do throws(E) { } catch: an error is handled or passed on"),
    (#"\btry!"#, "do throws(E) { } catch"),
    (#"\bas!"#, "a switch over the cases"),
    (#"\bany [A-Z]"#, "a generic or an enum: Embedded Swift has no existentials"),
    (#"\bfatalError\b"#, "a typed error; a bug of ours is a precondition"),
    (#"^\s*(@\w+ )*public\b"#, "package"),
    (#"\bFoundation\b|\bDispatch\b"#, "Linux"),
  ]

  /// Who may make an error of an errno: those that have it from the kernel. Everybody else says what was
  /// wrong: `.violation` or `.unmet`.
  static let makersOfErrno: Set<String> = [
    // What execve answered, told by the process that called it.
    "Sources/Hooks/HookRunner.swift", "Sources/Launch/StepFailure.swift",
    // libseccomp returns one.
    "Sources/Seccomp/FilterCompiler.swift",
    // A process without a file in procfs; a path that the plan's mounts leave without a source.
    "Sources/StateStore/InitProcess.swift", "Sources/Diagnosis/RootView.swift",
    // Injected by tests.
    "Sources/Launch/StepProbe.swift",
  ]

  /// A number read from text that is converted without a look at what it is: it traps, or becomes another.
  private static let narrowing =
    #"\bU?Int(8|16|32|64)?\((?!exactly:|clamping:|ascii:)[^{]*\b(un)?signedDecimal\b"#

  /// Where a `default` may stand beside cases with a dot: signals are numbers, and the texts of the codes are a chain of
  /// switches, each going on where the one before ends.
  static let openSwitches: Set<String> = [
    "Sources/Console/ForegroundRelay.swift", "Sources/Report/CommandFailure.swift",
    "Sources/Diagnosis/ConfigTexts.swift", "Sources/Diagnosis/ProgramTexts.swift",
    "Sources/Diagnosis/MountTexts.swift", "Sources/Diagnosis/KernelTexts.swift",
    "Sources/Diagnosis/CommandTexts.swift",
  ]

  static func problems(in file: SourceText, layers: LayerTable) -> [String] {
    var found: [String] = []
    func report(_ line: Int, _ text: String) { found.append("\(file.path):\(line): \(text)") }

    if file.lines.count - 1 > longestFile {
      report(longestFile, "\(file.lines.count - 1) lines, at most \(longestFile)")
    }
    for function in file.functions where function.length > longestFunction {
      report(function.line, "a function of \(function.length) lines, at most \(longestFunction)")
    }
    for (number, line) in file.lines.enumerated() {
      if matches(line, #"\b([T]ODO|[F]IXME)\b"#) {
        report(number + 1, "an issue instead of a note")
      }
    }
    guard let module = file.module else { return found }

    for (line, imported) in file.imports
    where !layers.allowed[module, default: []].contains(imported) {
      report(line, "\(module) does not import \(imported): see the table in docs/ARCHITECTURE.md")
    }
    if !openSwitches.contains(file.path) {
      for line in file.defaultsOfEnums { report(line, "a default over an enum: name the cases") }
    }
    for (number, line) in file.code.enumerated() {
      for (word, instead) in banned where matches(line, word) {
        report(number + 1, "instead of \(word): \(instead)")
      }
      if matches(line, #"\b(SyscallError|StepError)\("#), module != "Linux", module != "DBus",
        !makersOfErrno.contains(file.path)
      {
        report(number + 1, "an errno that no call returned: .violation or .unmet instead")
      }
      if matches(line, narrowing) {
        report(number + 1, "a number from outside may be too large: exactly: or clamping:")
      }
      if matches(line, #"\bunsafe\b"#), !unsafeModules.contains(module) {
        report(number + 1, "unsafe outside \(unsafeModules.sorted().joined(separator: ", "))")
      }
    }
    return found
  }

  /// A command that is negated at the beginning of a line fails no test of bats, whatever it does: errexit does
  /// not look at it. Only `|| fail` behind it does.
  static func shellProblems(path: String, text: String) -> [String] {
    text.components(separatedBy: "\n").enumerated().compactMap { number, line in
      guard matches(line, #"^\s*! "#), !matches(line, #"\|\| (\{ )?fail "#) else { return nil }
      return "\(path):\(number + 1): a negated command fails no test: say fails, or || fail"
    }
  }

  /// The charter: the comment that opens the file named like its target.
  static func charterProblem(module: String, text: String?) -> String? {
    guard let text else { return "Sources/\(module)/\(module).swift is missing" }
    let comment = text.components(separatedBy: "\n").prefix(while: { $0.hasPrefix("//") })
    let said = comment.joined(separator: " ")
    for needed in ["\(module):", "Lives here:", "Never here:", "Imports:"]
    where !said.contains(needed) {
      return "the charter of \(module) does not say `\(needed)`"
    }
    return nil
  }

  /// Good configurations without a golden plan, and plans without a configuration.
  static func unpaired(good: [String], golden: [String]) -> [String] {
    let configs = Set(good.map { String($0.dropLast(".json".count)) })
    let plans = Set(golden.map { String($0.dropLast(".plan".count)) })
    return configs.subtracting(plans).sorted().map { "spec-fixtures/golden/\($0).plan is missing" }
      + plans.subtracting(configs).sorted().map { "spec-fixtures/good/\($0).json is missing" }
  }

  static func matches(_ line: String, _ pattern: String) -> Bool {
    line.range(of: pattern, options: .regularExpression) != nil
  }
}

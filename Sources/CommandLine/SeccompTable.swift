// The table, part: `seccomp`, and what it reads from its operands.

import Bytes
import Commands

extension CommandSpec {
  static var seccomp: CommandSpec {
    var spec = CommandSpec(
      name: .seccomp,
      operands: "test|diff|learn ARGUMENT...",
      operandCount: 1...CommandSpec.anyNumber,
      summary: "try a seccomp profile, compare two, or learn one",
      purpose: """
        A PROFILE is a config.json, or a seccomp object alone, also as engines write it. \
        `test PROFILE CALL [ARGUMENT...]` compiles it and prints what the filter answers to a system call, for each architecture, with \
        the rule. Arguments are decimal or hexadecimal numbers; without them every case is listed. \
        The exit status is 0 if the call is let through on this machine's own architecture, 1 if it is \
        not or depends on its arguments. `diff PROFILE PROFILE` compares what they do about each call, however they \
        are written; the exit status is 1 if anything differs. It is 2 for a failure. `learn -- run ...` runs a container \
        in the foreground and writes the profile that its processes needed; a filter that the container has \
        stays in force. It is for programs that are trusted: without one nothing is refused. A \
        signal in the moment of a call can end that call with EINTR; run it again then.
        """,
      examples: [
        "# what becomes of mkdir(2), and why?",
        "apus seccomp test config.json mkdir",
        "# with values: ioctl(0, TIOCSTI)",
        "apus seccomp test profile.json ioctl 0 0x5412",
        "# what an update of the profile changes",
        "apus seccomp diff old.json new.json",
        "# what does it need?",
        "apus seccomp learn --output web.json -- run --bundle /srv/web web",
      ],
      options: [
        .checkFormat,
        .value(
          .output, short: "o", .file, "FILE",
          "write the profile that was learnt to a new FILE instead of standard output"),
      ])
    spec.usageStatus = 2
    return spec
  }
}

extension CommandBuilder {
  func seccomp() throws(ArgumentError) -> Command {
    let words = matches.operands
    let isLearning = words[0] == "learn"
    guard words.count >= (isLearning ? 2 : 3) else {
      let operands: ByteString =
        isLearning ? "-- run ..." : words[0] == "diff" ? "PROFILE PROFILE" : "PROFILE CALL"
      throw ArgumentError(message: "`seccomp " + words[0] + "` needs " + operands)
    }
    if isLearning { return .run(try learning(words)) }
    return .seccomp(try trial(words))
  }

  /// Of a container in the foreground.
  private func learning(_ words: [ByteString]) throws(ArgumentError) -> RunOptions {
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try Invocation.parse(Array(words.dropFirst()), directory: directory)
    } catch {
      throw ArgumentError(message: error.message)
    }
    guard words[1] == "run", case .perform(.run(var options)) = invocation.action else {
      throw ArgumentError(message: "`seccomp learn` takes a `run`, not " + quoted(words[1]))
    }
    guard !options.detach, !options.isSupervised else {
      throw ArgumentError(
        message: "`seccomp learn` waits for the end: leave --detach and --explain-denials out")
    }
    options.learn(matches.text(.output))
    return options
  }

  private func trial(_ words: [ByteString]) throws(ArgumentError) -> SeccompOptions {
    if words[0] == "test" {
      if words.count > 9 {
        throw ArgumentError(message: "a system call has at most six arguments: " + quoted(words[9]))
      }
      let arguments = try words.dropFirst(3).map { (word) throws(ArgumentError) in
        try number(word)
      }
      return SeccompOptions(
        .test(try path(words[1]), call: words[2], arguments: Array(arguments)), format)
    }
    if words.count > 3 {
      throw ArgumentError(message: "`seccomp diff` got an unexpected argument: " + quoted(words[3]))
    }
    return SeccompOptions(.diff(try path(words[1]), try path(words[2])), format)
  }

  private func path(_ word: ByteString) throws(ArgumentError) -> ByteString {
    guard !word.isEmpty, let path = HostPath.absolute(word, from: directory) else {
      throw ArgumentError(message: quoted(word) + " is not a path")
    }
    return path
  }

  private func number(_ word: ByteString) throws(ArgumentError) -> UInt64 {
    if let number = word.unsignedDecimal { return number }
    if let number = word.signedDecimal { return UInt64(bitPattern: number) }
    let digits = word.lowercased.hasPrefix("0x") ? word.dropFirst(2) : ""
    let values = digits.bytes.compactMap { hexadecimalValue($0) }
    guard !values.isEmpty, values.count == digits.count, values.count <= 16 else {
      throw ArgumentError(
        message: quoted(word) + " is not a decimal or hexadecimal number of 64 bits")
    }
    return values.reduce(0) { $0 << 4 | UInt64($1) }
  }
}

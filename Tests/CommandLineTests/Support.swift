import Bytes
import CommandLine
import Commands
import Testing

/// The invocation that `line` gives, called in `/work`. A space separates arguments.
func parse(_ line: String, in directory: ByteString? = "/work") throws -> Invocation {
  try Invocation.parse(arguments(line), directory: directory)
}

/// The command that `line` asks for.
func command(_ line: String, in directory: ByteString? = "/work") throws -> Command {
  guard case .perform(let command) = try parse(line, in: directory).action else {
    throw Unexpected("`\(line)` is no command")
  }
  return command
}

/// The text that `line` prints.
func printed(_ line: String) throws -> String {
  guard case .print(let text) = try parse(line).action else {
    throw Unexpected("`\(line)` prints nothing")
  }
  return text.description
}

/// The mistake in `line`.
func mistake(_ line: String, in directory: ByteString? = "/work") throws -> UsageError {
  do {
    _ = try parse(line, in: directory)
  } catch let error as UsageError {
    return error
  }
  throw Unexpected("`\(line)` is accepted")
}

func global(_ line: String) throws -> GlobalOptions { try parse(line + " list").global }

func creation(_ line: String, in directory: ByteString? = "/work") throws -> CreateOptions {
  guard case .create(let options) = try command("create " + line, in: directory) else {
    throw Unexpected("not create")
  }
  return options
}

func execution(_ line: String) throws -> ExecOptions {
  guard case .exec(let options) = try command("exec " + line) else { throw Unexpected("not exec") }
  return options
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

private func arguments(_ line: String) -> [ByteString] {
  ByteString(line).split(on: 0x20).filter { !$0.isEmpty }
}

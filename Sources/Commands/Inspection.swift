package import Bytes
import Cgroups
import Container
import Identity
import JSON
import Linux
package import OCISpec
package import Report
import StateStore

/// `state`, `list` and `ps`: commands that change nothing.
enum Inspection {
  static func state(_ options: StateOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let container = try Container.require(options.id, context)
    var state = try container.state(context)
    if state.status == .stopped {
      state.extras?.end = try Story(of: options.id, context).endJSON
    }
    try Output.write(state.json.encoded(indent: "  ") + [0x0a])
    return 0
  }

  static func list(_ options: ListOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let listing = try attempt(StateError.self, StateListing(context.root))
    var ids = [UInt8]()
    var states = [State]()
    let cache = StatusCache()
    var owner: (id: UInt32, name: ByteString)?
    for id in listing.ids {
      do throws(CommandFailure) {
        guard let (directory, record) = try load(id, listing, context) else { continue }
        if options.quiet {
          ids += (id.text + "\n").bytes
          continue
        }
        let user = try attempt(SyscallError.self, directory.handle.status().userID)
        if owner?.id != user { owner = (user, UserName.of(user)) }
        states.append(
          try state(
            record, in: directory, owner: owner?.name ?? "", for: cache, context))
      } catch {
        // None of the others could be read either: no list at all, rather than an empty one.
        if let errno = error.report?.errno, [.EMFILE, .ENFILE, .ENOMEM].contains(errno) {
          throw error
        }
        // One that is being made or deleted must not hide the others.
        context.log.warning("container `" + id.text + "`: " + error.message)
      }
    }
    if options.quiet {
      try Output.write(ids)
      return 0
    }
    switch options.format {
    case .json: try Output.write(JSONValue.array(states.map { $0.json }).encoded() + [0x0a])
    case .table: try Output.write(Table.text(states))
    }
    return 0
  }

  /// nil for what is no container yet, or no more. One whose record is damaged has none here, and is
  /// listed all the same, since `delete --force` takes it away.
  private static func load(
    _ id: ContainerID, _ listing: StateListing, _ context: CommandContext
  ) throws(CommandFailure) -> (StateDirectory, ContainerRecord?)? {
    var directory: StateDirectory?
    do throws(StateError) {
      let found = try listing.open(id)
      directory = found
      if let record = try found.loadRecord() { return (found, record) }
      context.log.debug("container `" + id.text + "` has no record")
      return nil
    } catch {
      if case .doesNotExist = error { return nil }
      guard case .damagedRecord = error, let directory else { throw CommandFailure(error) }
      context.log.warning(error.message)
      return (directory, nil)
    }
  }

  private static func state(
    _ record: ContainerRecord?, in directory: StateDirectory, owner: ByteString,
    for cache: StatusCache, _ context: CommandContext
  ) throws(CommandFailure) -> State {
    guard let record else {
      return State(
        id: directory.id.text, status: .unknown, pid: 0, bundle: "",
        extras: State.Extras(rootfs: "", created: "", owner: owner))
    }
    return try Container(
      id: directory.id, directory: directory, record: record, cache: cache
    ).state(context, owner: owner)
  }

  static func ps(_ options: PsOptions, _ context: CommandContext) throws(CommandFailure) -> Int32 {
    let container = try Container.require(options.id, context)
    var pids = [Int32]()
    if let cgroup = try container.cgroup(context) {
      do throws(CgroupError) { pids = try cgroup.processes() } catch {
        throw CommandFailure(error)
      }
    } else if let process = try container.openInit() {
      pids = [process.pid]
    }
    switch options.format {
    case .json:
      try Output.write(JSONValue.array(pids.map { .integer($0) }).encoded() + [0x0a])
    case .table:
      try Output.write(try HostProcesses.table(pids, options.arguments))
    }
    return 0
  }
}

package enum Output {
  package static func write(_ bytes: [UInt8]) throws(CommandFailure) {
    do throws(SyscallError) { try Handle.standardOutput.writeAll(bytes) } catch {
      // `list | head -n 1`: without a word, and with the status that SIGPIPE gives in a shell.
      if error.errno == .EPIPE { ThisProcess.exit(128 + Signal.pipe.rawValue) }
      throw CommandFailure("cannot write to standard output: " + error.errno.symbol)
    }
  }
}

extension Output {
  static func write(
    _ bytes: [UInt8], toNew path: ByteString, mode: UInt32 = 0o600
  ) throws(CommandFailure) {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open(
          path, [.writeOnly, .create, .exclusive, .noFollow], mode: mode))
      try file.handle.writeAll(bytes)
    } catch {
      if error.errno == .EEXIST { throw exists(path) }
      throw CommandFailure(error)
    }
  }

  /// Before work that would be lost.
  static func check(new path: ByteString) throws(CommandFailure) {
    if HostLook.status(path) != nil { throw exists(path) }
  }

  private static func exists(_ path: ByteString) -> CommandFailure {
    CommandFailure(quoted(path, .path) + " exists. Remove it first")
  }
}

/// Columns as wide as their longest cell, at least twelve characters, three apart.
package enum Table {
  package static func text(_ states: [State]) -> [UInt8] {
    var rows: [[ByteString]] = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]]
    for state in states {
      rows.append([
        state.id, ByteString(decimal: state.pid ?? 0), state.status.name,
        state.bundle.escaped(.line),
        state.extras?.created ?? "", state.extras?.owner ?? "",
      ])
    }
    return text(rows)
  }

  static func text(_ rows: [[ByteString]]) -> [UInt8] {
    var widths = [Int]()
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(9) }
        widths[column] = max(widths[column], cell.columns)
      }
    }
    var text = [UInt8]()
    for row in rows {
      for (column, cell) in row.enumerated() {
        text += cell.bytes
        if column + 1 < row.count {
          text += [UInt8](repeating: 0x20, count: widths[column] + 3 - cell.columns)
        }
      }
      text.append(0x0a)
    }
    return text
  }
}

package enum UserName {
  /// The name in the host's /etc/passwd, else `#` and the number.
  package static func of(_ user: UInt32) -> ByteString {
    entry(user)?.name ?? "#" + ByteString(decimal: user)
  }

  /// The user's own group, if the host's /etc/passwd has the user.
  static func group(of user: UInt32) -> UInt32? { entry(user)?.group }

  private static func entry(_ user: UInt32) -> PasswordEntry? {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open("/etc/passwd", [.nonBlocking]))
      return PasswordEntry.find(user: user, in: try file.handle.readAll(limit: 4 << 20))
    } catch {
      // A host without the file has numbers only.
      return nil
    }
  }
}

import Bytes
import CRIU
import Diagnosis
import JSON
import Linux
import Plan
import Report

/// The directories of `--image-path` and `--work-path`, opened once.
struct ImageDirectories {
  let images: SharedDescriptor
  let work: SharedDescriptor
  let workPath: ByteString

  /// Which file says what the standard streams were open on.
  static let streamsName: ByteString = "descriptors.json"

  /// For a dump: made where they are missing.
  static func make(_ request: ImageRequest) throws(CommandFailure) -> ImageDirectories {
    let images = try open(request.images, makes: true, "--image-path")
    if let parent = request.parent {
      do throws(SyscallError) {
        _ = try images.handle.open(parent, [.path, .directory])
      } catch {
        throw CommandFailure(
          "--parent-path: " + quoted(parent) + " is not a directory below --image-path: "
            + error.errno.symbol)
      }
    }
    return try ImageDirectories(request, images, makes: true)
  }

  /// For a restore: they must be there.
  static func find(_ request: ImageRequest) throws(CommandFailure) -> ImageDirectories {
    let images = try open(request.images, makes: false, "--image-path")
    do throws(SyscallError) {
      guard try images.handle.status(ofEntry: "inventory.img").kind == .regular else {
        throw .unmet("no file")
      }
    } catch {
      throw CommandFailure(
        "--image-path: there is no checkpoint in `" + request.images.escaped(.path)
          + "`: inventory.img is missing")
    }
    return try ImageDirectories(request, images, makes: true)
  }

  private init(_ request: ImageRequest, _ images: SharedDescriptor, makes: Bool)
    throws(CommandFailure)
  {
    self.images = images
    workPath = request.work ?? request.images
    work =
      if let path = request.work {
        try ImageDirectories.open(path, makes: makes, "--work-path")
      } else {
        images
      }
  }

  private static func open(_ path: ByteString, makes: Bool, _ option: ByteString)
    throws(CommandFailure) -> SharedDescriptor
  {
    do throws(SyscallError) {
      if makes {
        for directory in path.cleanedPath.ancestors.reversed() where directory != "/" {
          do throws(SyscallError) {
            try Handle.currentDirectory.makeDirectory(directory, mode: 0o700)
          } catch {
            if error.errno != .EEXIST { throw error }
          }
        }
      }
      return SharedDescriptor(
        try Handle.currentDirectory.open(path, [.readOnly, .directory]))
    } catch {
      throw CommandFailure(
        option + ": cannot open `" + path.escaped(.path) + "`: " + error.errno.symbol)
    }
  }

  /// What the standard streams were open on when the processes were dumped.
  func streams() throws(CommandFailure) -> [ByteString] {
    let bytes: [UInt8]
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try images.handle.open(ImageDirectories.streamsName, [.noFollow, .nonBlocking]))
      guard try file.handle.status().kind == .regular else { throw .unmet("no file") }
      bytes = try file.handle.readAll(limit: 65536)
    } catch {
      throw CommandFailure(
        "--image-path: cannot read descriptors.json: "
          + (error.kind == .system ? error.errno.symbol : "it is not a regular file"))
    }
    do throws(JSONError) {
      if case .array(let values) = try JSONValue.parse(bytes), values.count == 3 {
        return values.map { if case .string(let text) = $0 { text } else { "" } }
      }
    } catch {}
    throw CommandFailure(
      "--image-path: descriptors.json is not an array of three strings")
  }

  /// A file of CRIU's; nil if there is none of that name.
  func file(_ name: ByteString) throws(CommandFailure) -> [UInt8]? {
    do throws(SyscallError) {
      let file = SharedDescriptor(try images.handle.open(name, [.noFollow, .nonBlocking]))
      guard try file.handle.status().kind == .regular else {
        throw .unmet("`" + name.escaped(.path) + "` is not a regular file")
      }
      return try file.handle.readAll(limit: 64 << 20)
    } catch {
      if error.errno == .ENOENT { return nil }
      throw CommandFailure("--image-path: " + error.message)
    }
  }

  /// Of all mount namespaces: a process of the container may have made more.
  func mounts() throws(CommandFailure) -> [CRIUMount] {
    let names = try CommandFailure.from { () throws(SyscallError) in
      let listing = try images.handle.open(".", [.directory])
      return try listing.handle.entries().map { $0.name }
    }
    var mounts = [CRIUMount]()
    for name in names where name.hasPrefix("mountpoints-") && name.hasSuffix(".img") {
      guard let bytes = try file(name) else { continue }
      do throws(ProtobufError) { mounts += try CRIUMount.read(bytes) } catch {
        throw CommandFailure("--image-path: cannot read the image of mounts: " + error.reason)
      }
    }
    return mounts
  }

  /// Lets others look for names among the images, which are all for their owner only: the mode to go back
  /// to, nil where nothing is changed.
  func open(toOthers: Bool) throws(CommandFailure) -> UInt32? {
    try CommandFailure.from { () throws(SyscallError) in
      let mode = try images.handle.status().permissions
      if !toOthers || mode & 0o1 != 0 { return nil }
      try images.handle.changeMode(mode | 0o1)
      return mode
    }
  }

  func close(_ mode: UInt32?) {
    guard let mode else { return }
    do throws(SyscallError) { try images.handle.changeMode(mode) } catch {}
  }

  /// While CRIU dumps or restores; with lazy pages it waits for who fetches them.
  func patience(_ log: ByteString, _ request: ImageRequest) -> CRIUPatience {
    var progress = CRIUProgress(directory: work.handle, log: log)
    progress.mayIdle = request.flags.contains(.lazyPages)
    return .working(progress)
  }

  /// What an earlier attempt has left in a log is no cause of this one's failure. The file stays: an engine may
  /// have made it.
  func clear(log name: ByteString) {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try work.handle.open(name, [.writeOnly, .noFollow, .nonBlocking]))
      if try file.handle.status().kind == .regular { try file.handle.truncate(to: 0) }
    } catch {
      // There is none, or CRIU is going to say what is wrong with it.
    }
  }

  /// What CRIU wrote into a log, as far as it matters.
  func log(_ name: ByteString) -> ByteString {
    do throws(SyscallError) {
      let file = SharedDescriptor(try work.handle.open(name, [.noFollow, .nonBlocking]))
      let status = try file.handle.status()
      guard status.kind == .regular else { return "" }
      let limit = UInt64(8 << 20)
      if status.size > limit { try file.handle.seek(to: Int64(status.size - limit)) }
      return ByteString(try file.handle.readAll(limit: Int(limit) + (1 << 20)))
    } catch {
      return ""
    }
  }
}

/// How a failure of CRIU is said.
enum CRIUFailure {
  static func program(_ context: CommandContext) throws(CommandFailure) -> CRIUProgram {
    guard let path = CRIUProgram.path(context.criu) else {
      let named = context.criu.map { "--criu: `" + $0.escaped(.path) + "` is no program: " }
      throw CommandFailure(
        (named ?? "criu is not installed (not found in PATH): ")
          + "checkpoint and restore need criu 3.15 or newer, of the package criu: install it, or give "
          + "--criu PATH")
    }
    let criu: CRIUProgram
    do throws(CRIUError) { criu = try CRIUProgram.ask(path) } catch { throw of(error) }
    if criu.version < CRIUProgram.oldest {
      throw CommandFailure(
        "`" + path.escaped(.path) + "` is criu " + criu.version.text
          + ": checkpoint and restore need criu 3.15 or newer, of the package criu")
    }
    return criu
  }

  static func of(
    _ error: CRIUError, _ directories: ImageDirectories? = nil, log: ByteString = "",
    action: ByteString = "question"
  ) -> CommandFailure {
    let cause: ByteString
    switch error {
    case .system(let error): cause = error.message
    case .ended(.signaled(let signal)):
      cause = "it was killed by signal " + ByteString(decimal: signal)
    case .ended(.exited(let status)) where status != 0:
      cause = "it ended with status " + ByteString(decimal: status)
    case .ended: cause = "it ended without an answer"
    case .stalled: cause = "it hangs"
    case .malformed(let reason): cause = "its answer cannot be read: " + reason
    case .refused(let reason): return CommandFailure(reason)
    case .failed(let errno, let message):
      cause =
        CRIULog.cause(message)
        ?? (message.isEmpty
          ? Errno(rawValue: errno).text + " (errno " + ByteString(decimal: errno) + ")"
          : message.escaped(limit: 300))
    }
    guard let directories else { return CommandFailure("criu: " + cause) }
    var said = CRIULog.cause(directories.log(log)) ?? cause
    if case .stalled(let seconds) = error {
      said += "; it did nothing for " + ByteString(decimal: seconds) + " s and was ended"
    }
    if said.hasPrefix("mnt: Can't create a temporary directory: Read-only") {
      said +=
        "; criu changes the root by way of /tmp in it: make an empty directory of that name there"
    }
    return CommandFailure(
      "criu failed to " + action + ": " + said + " (log: "
        + directories.workPath.appending(log).escaped(.path) + ")")
  }
}

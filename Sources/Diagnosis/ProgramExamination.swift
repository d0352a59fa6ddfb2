package import Bytes
import Linux

/// Why a program cannot be executed: looked up anew, as the kernel did, until something is found that
/// stands in its way.
package struct ProgramExamination {
  let view: RootView
  let user: RootView.User?
  let arguments: [ByteString]
  private let path: ByteString?
  let workingDirectory: ByteString
  /// On the host, to recognise it in a path of the container.
  let rootPath: ByteString
  /// Where it is looked for, in words.
  package var place: ByteString = "in the root filesystem"
  /// What names it, in words.
  package var subject: ByteString = "args[0]"
  /// How its arguments are given.
  package var form = Form.arguments
  /// Whether the kernel did not know the format.
  package var isOfUnknownFormat = false

  package enum Form: Equatable, Sendable {
    case arguments
    /// To `apus exec ID`.
    case exec(ByteString)
    /// A hook's `path`, beside its `args`.
    case hook
  }

  /// - Parameter path: the variable, nil if the environment has none.
  package init(
    _ arguments: [ByteString], path: ByteString?, workingDirectory: ByteString, in view: RootView,
    rootPath: ByteString, for user: RootView.User?
  ) {
    self.arguments = arguments
    self.path = path
    self.workingDirectory = workingDirectory
    self.view = view
    self.rootPath = rootPath
    self.user = user
  }

  package static var defaultPath: ByteString {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  }

  private var name: ByteString { arguments.first ?? "" }

  /// nil if nothing stands in its way that could be seen.
  package func diagnosis() -> Diagnosis? {
    guard !name.isEmpty else {
      return Diagnosis(.execAbsent, subject + " is empty", hint: "name the program")
    }
    if let empty = emptyRoot() { return empty }
    if !name.contains(UInt8(ascii: "/")) { return search() }
    return examine(absolute(name))
  }

  func absolute(_ path: ByteString) -> ByteString {
    path.hasPrefix("/") ? path : workingDirectory + "/" + path
  }

  private func emptyRoot() -> Diagnosis? {
    // A mount on it may be what is empty.
    if view.mount(of: "/") != nil { return nil }
    let directories = view.names(in: "/").filter { !["proc", "sys", "dev"].contains($0) }
    let isFilled = directories.contains { name in
      guard case .found(_, _, let status) = view.find("/" + name, for: nil) else { return true }
      return status.kind != .directory || !view.names(in: "/" + name).isEmpty
    }
    return isFilled
      ? nil
      : Diagnosis(
        .execEmptyRoot, "the root filesystem is empty",
        hint: "unpack or mount it at root.path" + (rootPath.isEmpty ? "" : ", " + rootPath))
  }

  // A name without a slash.

  private func search() -> Diagnosis? {
    var faulty: Diagnosis?
    let directories = (path ?? ProgramExamination.defaultPath).split(on: UInt8(ascii: ":"))
    for directory in directories {
      let candidate = absolute((directory.isEmpty ? "." : directory) + "/" + name)
      switch view.find(candidate, for: nil) {
      case .found: break
      // A link of that name was meant.
      case .missing(_, let link?) where link.path.hasSuffix("/" + name):
        faulty = faulty ?? examine(candidate)
        continue
      case .missing, .notDirectory, .closed, .endless, .unknown: continue
      }
      // The first that can be executed is the one.
      guard let fault = examine(candidate) else { return nil }
      faulty = faulty ?? fault
    }
    if let faulty { return faulty }
    if let whole = wholeCommandLine() ?? shellWord() { return whole }
    var cause: ByteString =
      path == nil ? "process.env has no PATH, searched the default " : "searched "
    cause += (path ?? ProgramExamination.defaultPath).escaped(limit: 200)
    if path?.isEmpty == true { cause = "PATH is empty" }
    var hint: ByteString = path == nil ? "add PATH to process.env, or give the whole path" : ""
    if let path, let slip = pathSlip(path) {
      hint = slip
    } else if let place = elsewhere(directories) {
      hint = "it is " + place + ": add its directory to PATH, or give the whole path"
    } else if let near = nearest(in: directories) {
      hint = "did you mean `" + near + "`?"
    } else if hint.isEmpty {
      hint = "install it " + place + ", or give the whole path"
    }
    return Diagnosis(.execNotInPath, cause, hint: hint)
  }

  func isInPath(_ name: ByteString) -> Bool {
    let directories = (path ?? ProgramExamination.defaultPath).split(on: UInt8(ascii: ":"))
    return directories.contains { directory in
      switch view.find(absolute((directory.isEmpty ? "." : directory) + "/" + name), for: nil) {
      case .missing, .notDirectory: false
      case .found, .closed, .endless, .unknown: true
      }
    }
  }

  private func elsewhere(_ searched: [ByteString]) -> ByteString? {
    let places: [ByteString] = [
      "/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/bin", "/sbin", "/opt",
      "/opt/bin", "/app", "/app/bin", "",
    ]
    for place in places where !searched.contains(place) {
      if case .found(_, _, let status) = view.find(place + "/" + name, for: nil),
        status.kind == .regular
      {
        return place + "/" + name
      }
    }
    return nil
  }

  private func nearest(in directories: [ByteString]) -> ByteString? {
    name.nearest(among: directories.flatMap { view.names(in: resolved($0)) })
  }

  /// Without links, if it is there.
  private func resolved(_ path: ByteString) -> ByteString {
    if case .found(let real, _, _) = view.find(absolute(path), for: nil) { return real }
    return path
  }

  func wholeCommandLine() -> Diagnosis? {
    let words = CommandWords.split(name)
    guard words.count > 1 || words.first.map({ $0 != name }) == true else { return nil }
    if name.hasPrefix("["), name.hasSuffix("]") {
      return Diagnosis(
        .execOneString, subject + " is a list written as one string",
        hint: "write the list itself: " + name.escaped(limit: 200))
    }
    let whole = CommandWords.arguments(name)
    let hint: ByteString
    switch form {
    case .arguments:
      hint =
        (whole.count == 3 && whole[2] == name
          ? "let a shell read it: " : "give each argument a string of its own: ")
        + ByteString.listInJSON(whole + arguments.dropFirst())
    case .exec(let id):
      hint =
        "write `apus exec " + id + " "
        + (whole + arguments.dropFirst()).map { CommandWords.quoted($0) }.joined(by: " ") + "`"
    case .hook:
      let list = [whole[0].baseName] + whole.dropFirst()
      hint =
        "write \"path\": " + whole[0].inJSON + ", \"args\": " + ByteString.listInJSON(list)
    }
    return Diagnosis(
      .execOneString,
      subject
        + (words.count > 1
          ? " has spaces in it, a whole command line" : " has quotes or blanks around the program"),
      hint: hint)
  }

  /// What only a shell understands.
  private func shellWord() -> Diagnosis? {
    let parts = name.cut(at: UInt8(ascii: "="))
    if let parts, !parts.before.isEmpty, arguments.count > 1 {
      return Diagnosis(
        .execAbsent, subject + " sets a variable, and no shell reads it",
        hint: "add " + name.inJSON + " to process.env, and begin args with "
          + arguments[1].inJSON)
    }
    guard CommandWords.builtins.contains(name) || name.hasPrefix("$") else { return nil }
    return Diagnosis(
      .execAbsent,
      name.hasPrefix("$")
        ? "no shell reads " + subject + ", so no variable is put in"
        : "`" + name + "` is a command of the shell itself, and no program",
      hint: "write [\"/bin/sh\", \"-c\", " + Array(arguments.prefix(8)).joined(by: " ").inJSON + "]"
    )
  }

  /// A PATH as another system or a shell has it.
  private func pathSlip(_ path: ByteString) -> ByteString? {
    if path.contains(UInt8(ascii: ";")) {
      return "PATH has semicolons: its directories are parted by colons"
    }
    if path.contains(UInt8(ascii: "$")) {
      return "no shell reads PATH: write out what `$` stands for"
    }
    if path.contains(UInt8(ascii: "~")) {
      return "no shell reads PATH: write out what `~` stands for"
    }
    return nil
  }

  // A path.

  private func examine(_ path: ByteString) -> Diagnosis? {
    switch view.find(path, for: user) {
    case .found(let real, _, let status) where path.hasSuffix("/") && status.kind != .directory:
      return Diagnosis(
        .execAbsent, "`" + real + "` is no directory",
        hint: "take the slash off the end of " + subject)
    case .found(let real, let file, let status): return examine(real, file, status)
    case .missing(let step, let link): return missing(path, step, link)
    case .notDirectory(let step):
      return Diagnosis(.execAbsent, "`" + step + "` is no directory", hint: "correct " + subject)
    case .closed(let directory, let status):
      return Diagnosis(
        .execClosedDirectory, cannotSearch(directory, status),
        hint: "let others search it (chmod o+x " + onHost(directory, status)
          + "), or run as another user")
    case .endless: return Diagnosis(.execDanglingLink, "its links lead in a circle")
    case .unknown(let mount?) where mount.destination == "/dev":
      return isMadeDevice(path)
        ? Diagnosis(
          .execNotAFile, "`" + path + "` is a character device", hint: "name a regular file") : nil
    case .unknown(let mount?) where mount.source == nil:
      return Diagnosis(
        .execAbsent,
        "`" + mount.destination + "` is a new filesystem there (" + mount.pointer
          + "), without the files of the root filesystem",
        hint: "mount it elsewhere, or put the program elsewhere")
    case .unknown: return nil
    }
  }

  func cannotSearch(_ directory: ByteString, _ status: FileStatus) -> ByteString {
    (user?.name ?? "the user") + " may not search `" + directory + "` (" + status.rights + ")"
  }

  /// What every container gets.
  private func isMadeDevice(_ path: ByteString) -> Bool {
    switch path {
    case "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
      "/dev/console":
      true
    default: false
    }
  }

  // A file that is there.

  private func examine(_ path: ByteString, _ file: SharedDescriptor, _ status: FileStatus)
    -> Diagnosis?
  {
    switch status.kind {
    case .regular: break
    case .directory:
      return Diagnosis(.execDirectory, "it is a directory", hint: "name a file in it")
    case .symlink, .character, .block, .fifo, .socket, .other:
      return Diagnosis(
        .execNotAFile, "`" + path + "` is " + status.kind.title, hint: "name a regular file")
    }
    if let mode = forbidden(path, status) { return mode }
    if let mount = noExecMount(path, file) {
      return Diagnosis(
        .execNoexec, mount, hint: "take noexec off, or put the program elsewhere")
    }
    return contents(path, status)
  }

  func forbidden(_ path: ByteString, _ status: FileStatus) -> Diagnosis? {
    let rights: ByteString = "`" + path + "` has " + status.rights
    if status.permissions & 0o111 == 0 {
      return Diagnosis(
        .execMode, rights + ": nobody may execute it, it has no x bit",
        hint: "chmod +x " + onHost(path, status))
    }
    guard let user, !user.passesAll, !status.allows(1, user) else { return nil }
    return Diagnosis(
      .execMode, rights + ": " + user.name + " may not execute it",
      hint: "chmod a+x " + onHost(path, status) + ", or run as its owner")
  }

  func noExecMount(_ path: ByteString, _ file: SharedDescriptor) -> ByteString? {
    if let mount = view.mount(of: path) {
      guard mount.isNoExec else { return nil }
      return "`" + mount.destination + "` is mounted noexec (" + mount.pointer + ")"
    }
    do throws(SyscallError) {
      // ST_NOEXEC of statfs(2).
      return try file.handle.filesystem().flags & 8 == 0
        ? nil : "the filesystem that `" + path + "` lies on is mounted noexec"
    } catch {
      return nil
    }
  }

  private func contents(_ path: ByteString, _ status: FileStatus) -> Diagnosis? {
    if status.size == 0 {
      return Diagnosis(
        .execTruncated, "`" + path + "` is an empty file", hint: "write or copy it again")
    }
    switch ProgramFile(view.read(path, upTo: 16384)) {
    case .empty, .other: return nil
    case .foreign(let words):
      return Diagnosis(
        .execArchitecture, "`" + path + "` is " + words.title, hint: words.hint)
    case .zeros:
      return Diagnosis(
        .execTruncated, "`" + path + "` holds only zero bytes", hint: "copy it again")
    case .text:
      return Diagnosis(
        .execNoShebang, "`" + path + "` is a text without a #! line",
        hint: "begin it with #!/bin/sh, or make the shell args[0]")
    case .faultyScript(let fault): return faulty(path, fault)
    case .script(let interpreter, let argument): return script(path, interpreter, argument)
    case .elf(let header): return elf(path, header, status)
    }
  }
}

extension FileStatus.Kind {
  package var title: ByteString { "a " + noun }

  package var noun: ByteString {
    switch self {
    case .regular: "file"
    case .directory: "directory"
    case .symlink: "link"
    case .character: "character device"
    case .block: "block device"
    case .fifo: "FIFO"
    case .socket: "socket"
    case .other: "file of another kind"
    }
  }
}

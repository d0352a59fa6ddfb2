import Bytes
import Linux

// Where a program is that is not where it was looked for.
extension ProgramExamination {
  func missing(_ path: ByteString, _ step: ByteString, _ link: RootView.Link?)
    -> Diagnosis
  {
    if let whole = wholeCommandLine() { return whole }
    if let link {
      return Diagnosis(
        .execDanglingLink,
        "`" + link.path + "` is a link to `" + link.target.escaped(limit: 200)
          + "`, which is not " + place,
        hint: "install the target, or correct the link")
    }
    if let hidden = hidden(path, step) { return hidden }
    if let inside = insidePath(path) {
      return Diagnosis(
        .execOtherPrefix, "inside the container it is `" + inside + "`",
        hint: "write that in " + subject + ": paths begin at the container's root")
    }
    let directory = step.directoryName
    let own = step.baseName
    var cause: ByteString = "`" + step + "` is not " + place
    let whole =
      "/"
      + path.split(on: UInt8(ascii: "/")).filter { !$0.isEmpty && $0 != "." }.joined(by: "/")
    // A link on the way changes what precedes the last name.
    let isLast = step.baseName == whole.baseName && !whole.hasPrefix(step + "/")
    if !isLast { cause += ", nor is what should be in it" }
    var hint: ByteString = "install it, or correct " + subject
    if let near = nearest(to: own, in: directory, isLast: isLast) {
      hint = "did you mean `" + (directory == "/" ? "" : directory) + "/" + near + "`?"
    } else if let place = findElsewhere(path) {
      hint = "did you mean `" + place + "`?"
    } else if place != "on the host" {
      let names = view.names(in: directory).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
      if !names.isEmpty {
        let list = Array(names.prefix(6)).map { $0.escaped(limit: 40) }.joined(by: ", ")
        hint +=
          ": in the container `" + directory + "` has " + list + (names.count > 6 ? ", …" : "")
      }
    }
    return Diagnosis(.execAbsent, cause, hint: hint)
  }

  /// A directory is none that was meant for the program, and nothing else is meant on the way to it.
  func nearest(to name: ByteString, in directory: ByteString, isLast: Bool) -> ByteString? {
    var names = view.names(in: directory)
    for _ in 0..<4 {
      guard let near = name.nearest(among: names) else { return nil }
      switch view.find((directory == "/" ? "" : directory) + "/" + near, for: nil) {
      case .found(_, _, let status) where (status.kind == .directory) == isLast:
        names.removeAll { $0 == near }
      case .found, .missing, .notDirectory, .closed, .endless, .unknown: return near
      }
    }
    return nil
  }

  /// The same name where programs usually are.
  func findElsewhere(_ path: ByteString) -> ByteString? {
    guard path.contains(UInt8(ascii: "/")) else { return nil }
    let file = path.baseName
    for place in ["/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/"] as [ByteString] {
      if case .found(_, _, let status) = view.find(place + file, for: nil), status.kind == .regular
      {
        return place + file
      }
    }
    return nil
  }

  /// The path without what leads to the root filesystem on the host: all of it, or its last name.
  private func insidePath(_ path: ByteString) -> ByteString? {
    var candidates = [ByteString]()
    if !rootPath.isEmpty, path.hasPrefix(rootPath + "/") {
      candidates.append(path.dropFirst(rootPath.count))
    }
    let steps = path.pathComponents
    for count in 1..<max(steps.count, 2) where steps.count > 1 {
      candidates.append("/" + Array(steps.dropFirst(count)).joined(by: "/"))
    }
    for candidate in candidates.prefix(12) where candidate.count > 1 {
      // A bare name at the root is no better guess than any.
      guard candidate.dropFirst(1).contains(UInt8(ascii: "/")) else { continue }
      if case .found(_, _, let status) = view.find(candidate, for: nil), status.kind == .regular {
        return candidate
      }
    }
    return nil
  }

  /// What the root filesystem has, and a mount of the configuration lies over.
  private func hidden(_ path: ByteString, _ step: ByteString) -> Diagnosis? {
    guard let mount = view.mount(of: step), let source = mount.source,
      case .found(_, _, let status) = view.withoutMounts.find(path, for: nil),
      status.kind == .regular
    else { return nil }
    return Diagnosis(
      .execAbsent,
      "`" + step + "` of the root filesystem is hidden by the mount " + mount.pointer + " on `"
        + mount.destination + "`, whose source `" + source.escaped(limit: 200)
        + "` does not have it",
      hint: "mount it elsewhere, or put the program in its source")
  }

  /// The path on the host of what is `path` here, as a shell takes it; where that cannot be told, the
  /// path in the container, and that it is one.
  func onHost(_ path: ByteString, _ status: FileStatus) -> ByteString {
    if rootPath.isEmpty { return CommandWords.quoted(path) }
    var place = rootPath + path
    if let mount = view.mount(of: path), let source = mount.source {
      place = source + path.dropFirst(mount.destination == "/" ? 0 : mount.destination.count)
    }
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(place, [.path, .noFollow])
      if try file.handle.status().isSameFile(as: status) { return CommandWords.quoted(place) }
    } catch {}
    return CommandWords.quoted(path) + " in the container"
  }
}

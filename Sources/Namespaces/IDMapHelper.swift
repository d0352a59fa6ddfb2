package import Bytes
import Linux
import OCISpec

/// Why an id map could not be written, with the mappings' place in `config.json`.
package struct IDMapRefusal: Error, Equatable, Sendable {
  package let pointer: ByteString
  package let reason: ByteString
}

/// newuidmap(1) or newgidmap(1): setuid programs that write what /etc/subuid and /etc/subgid grant to
/// the caller.
struct IDMapHelper {
  let name: ByteString
  /// Where root says which ids are whose.
  let grants: ByteString
  let pointer: ByteString

  static let users = IDMapHelper(
    name: "newuidmap", grants: "/etc/subuid", pointer: "/linux/uidMappings")
  static let groups = IDMapHelper(
    name: "newgidmap", grants: "/etc/subgid", pointer: "/linux/gidMappings")

  /// The caller's `PATH` is anybody's. The last two are where distributions without setuid files in
  /// /usr keep such programs.
  private static var directories: [ByteString] {
    [
      "/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin", "/usr/local/sbin",
      "/run/wrappers/bin", "/run/setuid-programs",
    ]
  }

  /// In milliseconds: the helper may ask a directory service.
  private static var timeout: Int64 { 30_000 }

  /// Has the helper write `map` for the process `pid`.
  func run(_ map: [IDMapping], pid: Int32) throws(IDMapRefusal) {
    guard let program = try find() else {
      throw refusal(
        name + " is needed to map these ids and is not installed (looked in "
          + IDMapHelper.directories.joined(by: ", ") + ")")
    }
    let end: ProcessEnd?
    var words = [UInt8]()
    do throws(SyscallError) {
      end = try spawn(program, [name, ByteString(decimal: pid)] + IDMapPlan.arguments(map), &words)
    } catch {
      throw refusal("running " + name + ": " + error.call + " failed with " + error.errno.symbol)
    }
    if end == .exited(0) { return }
    throw refusal(explanation(end, ByteString(words).split(on: 0x0a)[0], map))
  }

  /// The program itself, open, so that what is looked at is what is executed: root's, and writable by
  /// nobody else. nil if there is none.
  private func find() throws(IDMapRefusal) -> SharedDescriptor? {
    for directory in IDMapHelper.directories {
      let path = directory + "/" + name
      let file: SharedDescriptor
      let status: FileStatus
      do throws(SyscallError) {
        file = SharedDescriptor(try Handle.currentDirectory.open(path, .path))
        status = try file.handle.status()
      } catch {
        continue
      }
      guard status.kind == .regular, status.userID == 0, status.mode & 0o022 == 0 else {
        throw refusal("`" + path + "` is not a file that only root can write")
      }
      return file
    }
    return nil
  }

  /// nil when its time ran out.
  private func spawn(
    _ program: SharedDescriptor, _ arguments: [ByteString], _ words: inout [UInt8]
  ) throws(SyscallError) -> ProcessEnd? {
    let (reading, writing) = try makePipe()
    let image = ExecutableImage(arguments: arguments, environment: [])
    let own = ThisProcess.id
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try ThisProcess.endWithParent(own)
        try Signals.resetAll()
        try writing.handle.duplicate(onto: 1)
        try writing.handle.duplicate(onto: 2)
        _ = image.execute(file: program.handle)
      } catch {}
      ThisProcess.exit(127)
    case .parent(let child):
      do throws(SyscallError) {
        return try listen(to: child, reading.handle, &words)
      } catch {
        child.end()
        throw error
      }
    }
  }

  private func listen(to child: ProcessHandle, _ reading: Handle, _ words: inout [UInt8])
    throws(SyscallError) -> ProcessEnd?
  {
    let end = Clock.monotonicNanoseconds + IDMapHelper.timeout * 1_000_000
    while true {
      let left = (end - Clock.monotonicNanoseconds) / 1_000_000
      if left <= 0 {
        child.end()
        return nil
      }
      let events = try Polling.wait(
        [(reading, .input), (child.handle, .input)], milliseconds: Int32(left))
      if events[0].contains(.input) {
        let piece = try reading.read(upTo: 1024)
        if words.count < 1024 { words += piece }
      } else if !events[1].isEmpty, let end = try child.poll() {
        return end
      }
    }
  }

  private func explanation(
    _ end: ProcessEnd?, _ words: ByteString, _ map: [IDMapping]
  ) -> ByteString {
    let said: ByteString = words.isEmpty ? "" : ": " + words.escaped(.path)
    switch end {
    case nil: return name + " did not end within 30 s" + said
    case .signaled(let signal)?:
      return name + " was killed by signal " + ByteString(decimal: signal) + said
    case .exited(let status)?:
      if IDMapHelper.isRefusal(words) {
        return name + " refused these ids" + said + "; " + grants + " needs " + lines(map)
      }
      return name + " exited with status " + ByteString(decimal: status) + said
    }
  }

  /// Whether it says that a range is not the caller's: `uid range [1-11) -> [100000-100010) not allowed`.
  static func isRefusal(_ words: ByteString) -> Bool {
    words.hasSuffix("not allowed")
  }

  /// What root would have to write, for each range but the caller's own id.
  private func lines(_ map: [IDMapping]) -> ByteString {
    let user = ByteString(decimal: Credentials.userID)
    let own = name == "newuidmap" ? Credentials.userID : Credentials.groupID
    return map.filter { $0.size != 1 || $0.hostID != own }.map {
      "`" + user + ":" + ByteString(decimal: $0.hostID) + ":" + ByteString(decimal: $0.size) + "`"
    }.joined(by: ", ")
  }

  private func refusal(_ reason: ByteString) -> IDMapRefusal {
    IDMapRefusal(pointer: pointer, reason: reason)
  }
}

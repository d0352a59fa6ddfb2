import Bytes
import Diagnosis
import Linux

/// What a diagnosis reads of the host: little, without blocking, and without an error of its own.
enum HostLook {
  /// The text of a small file, empty if it cannot be read.
  static func text(_ path: ByteString, limit: Int = 1 << 20) -> ByteString {
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(path, [.nonBlocking, .noControllingTerminal])
      guard try file.handle.status().kind == .regular else { return "" }
      return ByteString(try file.handle.readAll(limit: limit))
    } catch {
      return ""
    }
  }

  static func lines(_ path: ByteString) -> [ByteString] {
    text(path).split(on: 0x0a).filter { !$0.isEmpty }
  }

  static func words(_ line: ByteString) -> [ByteString] {
    line.split(on: 0x20).flatMap { $0.split(on: 0x09) }.filter { !$0.isEmpty }
  }

  /// The names in a directory.
  static func names(_ path: ByteString) -> [ByteString] {
    do throws(SyscallError) {
      let directory = try Handle.currentDirectory.open(path, [.directory, .nonBlocking])
      return try directory.handle.entries().prefix(8192).map { $0.name }
    } catch {
      return []
    }
  }

  static func status(_ path: ByteString) -> FileStatus? {
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(path, [.path])
      return try file.handle.status()
    } catch {
      return nil
    }
  }

  /// All files of the host.
  static var view: RootView? {
    do throws(SyscallError) {
      return RootView(
        root: SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory])))
    } catch {
      return nil
    }
  }

  /// Who called us.
  static var caller: RootView.User {
    let user = Credentials.effectiveUserID
    return RootView.User(
      user: user, groups: [Credentials.effectiveGroupID], passesAll: user == 0,
      name: "uid " + ByteString(decimal: user))
  }

  /// ``process 4711 (`sleep`)``.
  static func title(ofProcess pid: ByteString) -> ByteString {
    let name = text("/proc/" + pid + "/comm", limit: 64).split(on: 0x0a)[0]
    return "process " + pid + (name.isEmpty ? "" : " (" + name.escaped(limit: 32) + ")")
  }
}

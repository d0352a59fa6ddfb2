import Bytes
import Diagnosis
import Linux
import Report
import Rootfs

/// The tools of a `debug`, found on the host.
enum DebugTools {
  /// Where distributions put a statically linked busybox.
  private static var places: [ByteString] {
    [
      "/usr/bin/busybox", "/bin/busybox", "/usr/sbin/busybox", "/sbin/busybox",
      "/bin/busybox.static", "/usr/bin/busybox-static", "/usr/lib/initcpio/busybox",
    ]
  }

  /// The host's busybox, and `directory` if there is one.
  static func open(_ directory: ByteString?, _ context: CommandContext) throws(CommandFailure)
    -> ToolRoot
  {
    let busybox = findBusybox()
    guard let directory else {
      guard let busybox else {
        throw CommandFailure(
          "the host has no statically linked busybox: install one (busybox-static), or give --tools"
        )
      }
      return ToolRoot(busybox: busybox, applets: applets(of: busybox), directory: nil)
    }
    do throws(SyscallError) {
      return ToolRoot(
        busybox: busybox, applets: busybox.map { applets(of: $0) } ?? [],
        directory: try attach(directory))
    } catch {
      throw CommandFailure(
        "--tools: cannot open `" + directory.escaped(limit: 200) + "`: " + error.message)
    }
  }

  private static func attach(_ path: ByteString) throws(SyscallError) -> ToolRoot.Directory {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(path, [.path, .directory]))
    do throws(SyscallError) {
      let tree = SharedDescriptor(
        try Mounting.openTree(at: directory.handle, clone: true, recursive: true))
      try Mounting.setAttributes(
        tree.handle, set: [.readOnly, .noSetUserID, .noDevices], propagation: .private,
        recursive: true)
      return .mount(tree)
    } catch {
      guard error.errno == .EPERM else { throw error }
      return .copied(directory)
    }
  }

  private static func findBusybox() -> SharedDescriptor? {
    for place in places {
      do throws(SyscallError) {
        let file = SharedDescriptor(try Handle.currentDirectory.open(place, .nonBlocking))
        guard try file.handle.status().kind == .regular else { continue }
        guard case .elf(let header) = ProgramFile(try file.handle.read(upTo: 4096)),
          header.loader == nil, !header.isForeign
        else { continue }
        try file.handle.seek(to: 0)
        return file
      } catch {
        // The next one may be there.
      }
    }
    return nil
  }

  /// The names that it goes by: what it says itself, or those that a shell cannot do without.
  private static func applets(of busybox: SharedDescriptor) -> [ByteString] {
    var names = [ByteString]()
    do throws(SyscallError) { names = try list(busybox) } catch {}
    let isName: (ByteString) -> Bool = {
      !$0.isEmpty && $0.count < 64 && !$0.contains(UInt8(ascii: "/")) && !$0.hasPrefix(".")
    }
    names = Array(names.filter(isName).prefix(1000))
    return names.contains("sh") ? names : ["sh", "ls", "cat", "ps"]
  }

  private static func list(_ busybox: SharedDescriptor) throws(SyscallError) -> [ByteString] {
    let (reading, child) = try start(
      ExecutableImage(arguments: ["busybox", "--list"], environment: []), busybox)
    defer { child.end() }
    // It cannot hold us up: what it has not said by then it does not say.
    return ByteString(try reading.handle.readAll(limit: 1 << 16, milliseconds: 2_000))
      .split(on: 0x0a)
  }

  /// The child, and the end of a pipe that only the child can write to.
  private static func start(_ image: ExecutableImage, _ file: SharedDescriptor)
    throws(SyscallError) -> (SharedDescriptor, ProcessHandle)
  {
    let (reading, writing) = try makePipe()
    let own = ThisProcess.id
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try ThisProcess.endWithParent(own)
        try Signals.resetAll()
        try writing.handle.duplicate(onto: 1)
        _ = image.execute(file: file.handle)
      } catch {}
      ThisProcess.exit(127)
    case .parent(let child): return (reading, child)
    }
  }
}

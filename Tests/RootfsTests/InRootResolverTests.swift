import Bytes
import Linux
import Rootfs
import TestSupport
import Testing

@Suite("the one way to a name below the root filesystem")
struct InRootResolverTests {
  /// The container's root; what lies in `outside`, beside it, must stay as it is.
  private let scratch: TemporaryDirectory
  private var outside: ByteString { scratch.whole + "/outside" }
  private let root: SharedDescriptor
  private var resolver: InRootResolver { InRootResolver(root: root.handle) }

  init() throws {
    scratch = try TemporaryDirectory(below: "root")
    try scratch.makeDirectory("../outside")
    root = try scratch.open()
  }

  /// The errno of a failure, nil if there is none.
  private func failure<T>(_ body: () throws(SyscallError) -> T) -> Errno? {
    do throws(SyscallError) {
      _ = try body()
      return nil
    } catch {
      return error.errno
    }
  }

  private func expectOutsideUntouched() throws {
    #expect(try scratch.names("../outside") == [])
    #expect(try scratch.names("..") == ["outside", "root"])
  }

  @Test("directories are made with their parents, and found the second time")
  func makeDirectories() throws {
    let first = try resolver.make("/a/b/c", .directory)
    #expect(first.isNew)
    #expect(try first.handle.status().isSameFile(as: scratch.status("a/b/c")))
    #expect(try scratch.status("a").permissions == 0o755)
    let second = try resolver.make("a//b/./c/", .directory)
    #expect(!second.isNew)
    #expect(try second.handle.status().isSameFile(as: first.handle.status()))
  }

  @Test("MT-2: files are made empty, below directories that are missing")
  func makeFiles() throws {
    let place = try resolver.make("/a/f", .file)
    #expect(place.isNew)
    let status = try scratch.status("a/f")
    #expect(status.kind == .regular && status.size == 0 && status.permissions == 0o644)
    #expect(try !resolver.make("/a/f", .file).isNew)
  }

  @Test("a fifo in the place of a file is not opened, so it cannot hold us up")
  func fifo() throws {
    try scratch.makeFifo("f")
    let place = try resolver.make("/f", .file)
    #expect(try place.handle.status().kind == .fifo)
  }

  @Test(
    "T1: a link to the outside leads to a place inside",
    arguments: ["/outside", "../outside", "../../../../../outside", "/../outside"] as [ByteString])
  func links(target: ByteString) throws {
    try scratch.makeSymlink("dev", to: target)
    _ = try resolver.make("/dev/pts", .directory)
    _ = try resolver.make("/dev/null", .file)
    #expect(try scratch.names("outside") == ["null", "pts"])
    try expectOutsideUntouched()
  }

  @Test("T1: a link to a directory of the host by its real name, too")
  func realName() throws {
    try scratch.makeSymlink("dev", to: outside)
    _ = try resolver.make("/dev/pts/x", .directory)
    #expect(try scratch.status(outside + "/pts/x").kind == .directory)
    try expectOutsideUntouched()
  }

  @Test("MT-2: a dangling link leads to what is made, relative to where it stands")
  func dangling() throws {
    try scratch.makeDirectory("var")
    try scratch.makeSymlink("var/run", to: "../run")
    try scratch.makeSymlink("m", to: "nowhere/deep")
    try scratch.makeSymlink("l1", to: "l2")
    try scratch.makeSymlink("l2", to: "/file")
    #expect(try resolver.make("/var/run/secrets", .directory).isNew)
    #expect(try scratch.status("run/secrets").kind == .directory)
    #expect(try resolver.make("/m/x", .directory).isNew)
    #expect(try scratch.status("nowhere/deep/x").kind == .directory)
    #expect(try resolver.make("/l1", .file).isNew)
    #expect(try scratch.status("file").kind == .regular)
    #expect(try scratch.status("l1").kind == .symlink)
  }

  @Test("T1: links that go round, and chains that are too long, end in an error")
  func loops() throws {
    try scratch.makeSymlink("a", to: "b")
    try scratch.makeSymlink("b", to: "a")
    try scratch.makeSymlink("self", to: "self")
    for index in 0..<45 {
      let next = "c" + ByteString(decimal: index + 1)
      try scratch.makeSymlink("c" + ByteString(decimal: index), to: next)
    }
    for path: ByteString in ["/a", "/a/x", "/self/x", "/c0", "/c0/x"] {
      #expect(failure { () throws(SyscallError) in try resolver.make(path, .directory) } == .ELOOP)
      #expect(failure { () throws(SyscallError) in try resolver.make(path, .file) } == .ELOOP)
    }
    #expect(failure { () throws(SyscallError) in try resolver.make("/c44", .directory) } == nil)
  }

  @Test("a step back from what does not exist is refused")
  func backwards() throws {
    try scratch.makeSymlink("l", to: "missing/../../outside")
    for path: ByteString in ["/missing/../x", "/l", "/l/x"] {
      let error = #expect(throws: StepError.self) { try resolver.make(path, .directory) }
      #expect(error?.kind == .violation)
    }
    #expect(try scratch.names() == ["l"])
    try expectOutsideUntouched()
  }

  @Test("a step back at the root stays there")
  func backAtTheRoot() throws {
    let found = try resolver.open("/../../..")
    #expect(try found.handle.status().isSameFile(as: root.handle.status()))
    _ = try resolver.make("/../../x", .directory)
    #expect(try scratch.status("x").kind == .directory)
    try expectOutsideUntouched()
  }

  @Test("T12: magic links lead nowhere")
  func magicLinks() throws {
    let proc = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/self", [.path, .directory]))
    let inside = InRootResolver(root: proc.handle)
    for path: ByteString in ["/root", "/cwd", "/exe", "/fd/0", "/root/etc"] {
      #expect(failure { () throws(SyscallError) in try inside.open(path) } != nil)
    }
  }

  @Test("T2: where no link is wanted, none is followed, nor made into a directory")
  func strict() throws {
    try scratch.makeDirectory("evil")
    try scratch.makeSymlink("proc", to: "evil")
    try scratch.makeSymlink("dangling", to: "missing")
    try scratch.makeDirectory("sys")
    try scratch.makeSymlink("sys/fs", to: "../evil")
    for path: ByteString in ["/proc", "/proc/x", "/sys/fs", "/sys/fs/cgroup", "/dangling/x"] {
      #expect(
        failure { () throws(SyscallError) in try resolver.make(path, .directory, .refuse) }
          == .ELOOP)
    }
    #expect(
      failure { () throws(SyscallError) in try resolver.make("/dangling", .directory, .refuse) }
        != nil)
    #expect(try scratch.names("evil") == [])
    #expect(try resolver.make("/sys/new/x", .directory, .refuse).isNew)
  }

  @Test("T2: what is no directory is none", arguments: [InRootResolver.Links.follow, .refuse])
  func noDirectory(links: InRootResolver.Links) throws {
    try scratch.write("file", "x")
    try scratch.makeFifo("fifo")
    for path: ByteString in ["/file", "/fifo", "/file/x", "/fifo/x/y"] {
      #expect(
        failure { () throws(SyscallError) in try resolver.make(path, .directory, links) }
          == .ENOTDIR)
    }
  }

  @Test("LX-3 T6: only what is not there is missing")
  func presence() throws {
    try scratch.write("file", "x")
    #expect(try resolver.openIfPresent("/file") != nil)
    #expect(try resolver.openIfPresent("/missing") == nil)
    #expect(try resolver.openIfPresent("/missing/x") == nil)
    #expect(
      failure { () throws(SyscallError) in try resolver.openIfPresent("/file/x") } == .ENOTDIR)
  }

  @Test("T4: while names are exchanged under us, nothing is made outside")
  func race() throws {
    try scratch.makeDirectory("vol")
    try scratch.makeDirectory("vol/a")
    try scratch.makeSymlink("vol/b", to: outside)
    let volume = try scratch.open("vol")
    let swapper = Swapper(volume)
    defer { swapper.stop() }
    var made = (directories: 0, files: 0)
    for index in 0..<2000 {
      let name = ByteString(decimal: index)
      // Refused under attack is as good as made inside, but not all of it.
      let directory = failure { () throws(SyscallError) in
        try resolver.make("/vol/a/d" + name + "/e", .directory)
      }
      let file = failure { () throws(SyscallError) in
        try resolver.make("/vol/a/f" + name, .file)
      }
      if directory == nil { made.directories += 1 }
      if file == nil { made.files += 1 }
    }
    swapper.expectSwaps()
    #expect(made.directories > 0 && made.files > 0)
    try expectOutsideUntouched()
  }
}

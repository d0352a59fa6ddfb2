import Bytes
import Commands
import Container
import Diagnosis
import JSON
import Linux
import OCISpec
import Report
import TestSupport
import Testing

@Suite("features")
struct FeaturesTests {
  @Test("FT-2: the two versions, and every member of the document")
  func members() {
    guard case .object(let object) = Documents.features(checkpoints: false).json else { return }
    #expect(object["ociVersionMin"] == "1.0.0")
    #expect(object["ociVersionMax"] == "1.3.0")
    #expect(
      object.members.map { $0.name } == [
        "ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
        "potentiallyUnsafeConfigAnnotations",
      ])
    #expect(Documents.features(checkpoints: false).hooks.count == 6)
  }

  @Test("FT-4: what engines look for")
  func content() {
    let features = Documents.features(checkpoints: false)
    #expect(features.mountOptions.contains("rro"))
    #expect(!features.mountOptions.contains("mode"))
    #expect(isSorted(features.mountOptions))
    #expect(features.linux.capabilities.count == 41)
    #expect(features.linux.capabilities.contains("CAP_CHECKPOINT_RESTORE"))
    #expect(features.linux.seccomp.enabled)
    #expect(features.linux.seccomp.archs.contains("SCMP_ARCH_X86_64"))
    #expect(features.linux.cgroup.v2)
    #expect(!features.linux.cgroup.v1)
  }

  @Test("FT-1: a flag that is supported is known")
  func flags() {
    let seccomp = Documents.features(checkpoints: false).linux.seccomp
    #expect(seccomp.supportedFlags.allSatisfy { seccomp.knownFlags.contains($0) })
  }

  private func isSorted(_ names: [ByteString]) -> Bool {
    zip(names, names.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}

@Suite("files that belong to the caller")
struct CallerFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("spec writes a configuration that create takes, and replaces none")
  func spec() throws {
    let options = SpecOptions(file: directory.path + "/config.json")
    #expect(try Documents.spec(options) == 0)
    let config = try Config.decode(directory.bytes("config.json"))
    #expect(config.process?.args == ["sh"])
    #expect(config.root.readonly)
    #expect(
      throws: CommandFailure("`" + options.file + "` exists. Remove it first")
    ) { try Documents.spec(options) }
  }

  private func writtenPidFile(_ path: ByteString, _ pid: Int32) throws -> PidFile {
    try PidFile.write(path, pid, in: PidFile.directory(of: path))
  }

  @Test("EN-B: a pid file holds digits alone, whatever was there before")
  func pidFile() throws {
    let path = directory.path + "/pid"
    _ = try writtenPidFile(path, 4242)
    #expect(try directory.read("pid") == "4242")
    let written = try writtenPidFile(path, 7)
    #expect(try directory.read("pid") == "7")
    #expect(try directory.names() == ["pid"])
    written.remove()
    written.remove()
    #expect(try directory.names() == [])
  }

  @Test("a pid file is taken back only while it is the one that was written")
  func pidFileOfAnother() throws {
    let written = try writtenPidFile(directory.path + "/pid", 7)
    _ = try writtenPidFile(directory.path + "/pid", 8)
    written.remove()
    #expect(try directory.read("pid") == "8")
  }

  @Test(
    "a pid file goes where the caller's link leads, and is emptied there when the command fails")
  func pidFileLink() throws {
    try directory.write("target", "4242 of another time")
    try Handle.currentDirectory.makeSymlink(
      directory.path + "/pid", to: directory.path + "/target")
    let written = try writtenPidFile(directory.path + "/pid", 1)
    #expect(try directory.read("target") == "1")
    #expect(try directory.names().sorted() == ["pid", "target"])
    written.remove()
    #expect(try directory.read("target") == "")
    #expect(try directory.names().sorted() == ["pid", "target"])
  }

  @Test("a pid file that cannot be written says so in words of its own")
  func pidFileFailure() {
    #expect(
      throws: CommandFailure("cannot write the pid file `/nowhere/pid`: ENOENT")
    ) { _ = try PidFile.directory(of: "/nowhere/pid") }
  }

  @Test("a document has a bounded size, and a fifo needs a writer")
  func bundleFile() throws {
    try directory.write("config.json", "{}")
    #expect(try BundleFile.read(directory.path + "/config.json") == Array("{}".utf8))
    do throws(CommandFailure) {
      _ = try BundleFile.read("/nowhere/config.json")
      Issue.record("read")
    } catch {
      #expect(error.message.hasPrefix("there is no `/nowhere/config.json`: the directory is not"))
      #expect(error.report?.code == .configAbsent)
    }
    #expect(throws: CommandFailure.self) { try BundleFile.read(directory.path) }
    try Handle.currentDirectory.makeNode(directory.path + "/fifo", .fifo, mode: 0o600)
    #expect(throws: CommandFailure.self) { try BundleFile.read(directory.path + "/fifo") }
    let large = directory.path + "/large"
    try directory.write("large", "")
    let file = SharedDescriptor(try Handle.currentDirectory.open(large, .writeOnly))
    try file.handle.truncate(to: (32 << 20) + 1)
    #expect(
      throws: CommandFailure("`" + large + "` is larger than 32 MiB")
    ) { try BundleFile.read(large) }
  }
}

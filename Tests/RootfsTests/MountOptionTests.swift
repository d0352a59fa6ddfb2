import Bytes
import Linux
import Rootfs
import Testing

/// What a list of options comes to when it is one name of runtime-spec 6.3.
struct OptionCase: CustomTestStringConvertible, Sendable {
  let name: ByteString
  let expected: MountOptions
  var testDescription: String { name.description }

  init(_ name: ByteString, _ change: (inout MountOptions) -> Void) {
    self.name = name
    var expected = MountOptions()
    change(&expected)
    self.expected = expected
  }

  static func set(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) { $0.attributes = AttributeChange(set: flags) }
  }
  static func clear(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) { $0.attributes = AttributeChange(clear: flags) }
  }
  static func time(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) { $0.attributes = AttributeChange(set: flags, clear: .accessTimeMask) }
  }
  static func superblock(_ name: ByteString, _ flags: MountFlags) -> OptionCase {
    OptionCase(name) { $0.superblock = flags }
  }
  static func propagation(_ name: ByteString, _ type: Mounting.Propagation, _ recursive: Bool)
    -> OptionCase
  {
    OptionCase(name) { $0.propagation = [PropagationChange(type, recursive: recursive)] }
  }
  static func setAll(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) { $0.recursiveAttributes = AttributeChange(set: flags) }
  }
  static func clearAll(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) { $0.recursiveAttributes = AttributeChange(clear: flags) }
  }
  static func timeAll(_ name: ByteString, _ flags: MountAttributes) -> OptionCase {
    OptionCase(name) {
      $0.recursiveAttributes = AttributeChange(set: flags, clear: .accessTimeMask)
    }
  }

  static let all: [OptionCase] = [
    superblock("async", []), superblock("sync", .synchronous),
    time("atime", []), time("noatime", .noAccessTime),
    OptionCase("bind") { $0.bindsRecursively = false },
    OptionCase("rbind") { $0.bindsRecursively = true },
    OptionCase("defaults") { _ in },
    OptionCase("remount") { $0.isRemount = true },
    clear("dev", .noDevices), set("nodev", .noDevices),
    clear("diratime", .noDirectoryAccessTime), set("nodiratime", .noDirectoryAccessTime),
    superblock("dirsync", .directorySync),
    clear("exec", .noExecute), set("noexec", .noExecute),
    superblock("iversion", .inodeVersion), superblock("noiversion", []),
    superblock("lazytime", .lazyTime), superblock("nolazytime", []),
    superblock("silent", .silent), superblock("loud", []),
    superblock("mand", .mandatoryLocks), superblock("nomand", []),
    time("relatime", []), time("norelatime", []),
    time("strictatime", .strictAccessTime), time("nostrictatime", []),
    clear("suid", .noSetUserID), set("nosuid", .noSetUserID),
    set("ro", .readOnly), clear("rw", .readOnly),
    clear("symfollow", .noSymlinkFollow), set("nosymfollow", .noSymlinkFollow),
    propagation("shared", .shared, false), propagation("rshared", .shared, true),
    propagation("slave", .slave, false), propagation("rslave", .slave, true),
    propagation("private", .private, false), propagation("rprivate", .private, true),
    propagation("unbindable", .unbindable, false), propagation("runbindable", .unbindable, true),
    OptionCase("copy-symlink") { $0.links = .copySource },
    OptionCase("src-nofollow") { $0.links = .keepSource },
    OptionCase("dest-nofollow") { $0.links = .keepDestination },
    OptionCase("tmpcopyup") { $0.copiesUp = true },
    OptionCase("idmap") { $0.idMapsRecursively = false },
    OptionCase("ridmap") { $0.idMapsRecursively = true },
    setAll("rro", .readOnly), clearAll("rrw", .readOnly),
    setAll("rnosuid", .noSetUserID), clearAll("rsuid", .noSetUserID),
    setAll("rnodev", .noDevices), clearAll("rdev", .noDevices),
    setAll("rnoexec", .noExecute), clearAll("rexec", .noExecute),
    setAll("rnodiratime", .noDirectoryAccessTime),
    clearAll("rdiratime", .noDirectoryAccessTime),
    setAll("rnosymfollow", .noSymlinkFollow), clearAll("rsymfollow", .noSymlinkFollow),
    timeAll("rnoatime", .noAccessTime), timeAll("ratime", []),
    timeAll("rrelatime", []), timeAll("rnorelatime", []),
    timeAll("rstrictatime", .strictAccessTime), timeAll("rnostrictatime", []),
  ]
}

@Suite("Mount options (runtime-spec 6.3, 6.4)")
struct MountOptionTests {
  @Test("MT-O: each name of the specification alone", arguments: OptionCase.all)
  func alone(option: OptionCase) {
    #expect(MountOptions(parsing: [option.name]) == option.expected)
  }

  @Test("MT-O: the cases above are the whole table")
  func complete() {
    #expect(
      OptionCase.all.map { $0.name.description }.sorted()
        == MountOptionTable.specified.map { $0.name.description })
  }

  @Test("FT-4: features list every name, sorted, each once")
  func features() {
    let names = MountOptionTable.names.map(\.description)
    #expect(names == Array(Set(names)).sorted())
    #expect(names.count == MountOptionTable.specified.count)
  }

  @Test("MT-O: a later option wins over an earlier one")
  func order() {
    let one = MountOptions(parsing: ["ro", "rw", "nosuid", "suid", "exec", "noexec"])
    #expect(one.attributes == AttributeChange(set: .noExecute, clear: [.readOnly, .noSetUserID]))
    #expect(MountOptions(parsing: ["sync", "async"]).superblock == [])
    #expect(MountOptions(parsing: ["bind", "rbind"]).bindsRecursively == true)
    #expect(
      MountOptions(parsing: ["rro", "rrw"]).recursiveAttributes
        == AttributeChange(clear: .readOnly))
  }

  @Test(
    "MT-O: the access time is one setting; a negation concerns only what it names",
    arguments: [
      (["noatime", "strictatime"], MountAttributes.strictAccessTime),
      (["strictatime", "noatime"], .noAccessTime), (["strictatime", "relatime"], []),
      (["noatime", "atime"], []), (["strictatime", "atime"], .strictAccessTime),
      (["noatime", "norelatime"], .noAccessTime), (["noatime", "nostrictatime"], .noAccessTime),
      (["strictatime", "nostrictatime"], []), (["relatime", "norelatime"], []),
    ] as [([ByteString], MountAttributes)])
  func accessTime(options: [ByteString], wanted: MountAttributes) {
    let change = MountOptions(parsing: options).attributes
    #expect(change == AttributeChange(set: wanted, clear: .accessTimeMask))
  }

  @Test("MT-O: a change in the group of access times clears all of it, next to other flags")
  func accessTimeMask() {
    let change = MountOptions(parsing: ["rro", "rnoatime", "rstrictatime"]).recursiveAttributes
    #expect(
      change == AttributeChange(set: [.readOnly, .strictAccessTime], clear: .accessTimeMask))
  }

  @Test("propagation keeps its order")
  func propagation() {
    #expect(
      MountOptions(parsing: ["rslave", "ro", "shared"]).propagation
        == [PropagationChange(.slave, recursive: true), PropagationChange(.shared)])
  }

  @Test("MT-U1 MT-U3: what is no option of ours goes to the filesystem, in its order, unsplit")
  func data() {
    let data: [ByteString] = [
      "mode=755", "size=65536k", "newinstance", "lowerdir=/a,b:/c", "acl", "RO", "ro ", "",
    ]
    let options = MountOptions(parsing: ["nosuid"] + data + ["noexec"])
    #expect(options.data == data)
    #expect(options.attributes == AttributeChange(set: [.noSetUserID, .noExecute]))
  }

  @Test(
    "MT-U2: names that mount(8) keeps to itself mean nothing",
    arguments: [
      "nofail", "_netdev", "auto", "noauto", "user", "nouser", "users", "nousers", "owner",
      "noowner", "group", "nogroup", "x-systemd.automount", "X-mount.mkdir", "comment=a",
    ] as [ByteString])
  func userspace(option: ByteString) {
    #expect(MountOptions(parsing: [option]) == MountOptions())
  }
}

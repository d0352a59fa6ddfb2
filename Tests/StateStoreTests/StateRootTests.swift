import Bytes
import Linux
import StateStore
import TestSupport
import Testing

@Suite("which state root")
struct StateRootChoiceTests {
  @Test("EN-22: real root never looks at XDG_RUNTIME_DIR; empty means unset")
  func choice() {
    #expect(root(nil, "/run/user/0", isRealRoot: true) == "/run/apus")
    #expect(root(nil, "", isRealRoot: false) == "/run/apus")
    #expect(root(nil, nil, isRealRoot: false) == "/run/apus")
    #expect(root(nil, "/run/user/7", isRealRoot: false) == "/run/user/7/apus")
    #expect(root(nil, "relative", isRealRoot: false) == "/run/apus")
    #expect(root("/x", "/run/user/7", isRealRoot: false) == "/x")
  }

  private func root(_ explicit: ByteString?, _ directory: ByteString?, isRealRoot: Bool)
    -> ByteString
  {
    StateRoot(explicit: explicit, runtimeDirectory: directory, isRealRoot: isRealRoot).path
  }
}

@Suite("T29: a state root that nobody else can change")
struct StateRootTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  @Test("made with its parents, 0700, by the first command that needs it")
  func create() throws {
    let root = explicit("a/b/c")
    #expect(try root.open() == nil)
    let made = try root.create()
    #expect(try made.handle.status().permissions == 0o700)
    #expect(try temporary.status("a/b").permissions == 0o700)
    #expect(try root.open() != nil)
    let again = try root.create()
    #expect(try again.handle.status().isSameFile(as: made.handle.status()))
  }

  @Test("a session's root is sticky, so that the session does not sweep it")
  func sticky() throws {
    let root = StateRoot(explicit: nil, runtimeDirectory: temporary.path, isRealRoot: false)
    _ = try root.create()
    #expect(try temporary.status("apus").permissions == 0o1700)
  }

  @Test("T29: what others can write is refused")
  func writable() throws {
    try temporary.makeDirectory("shared", mode: 0o777)
    #expect(refusal(explicit("shared")) == "can be written by others")
    #expect(
      refusal(explicit("shared/below"), create: true) == "lies in a directory that others can write"
    )
    try Handle.currentDirectory.changeMode(ofEntry: temporary.path + "/shared", 0o1777)
    _ = try explicit("shared/sticky").create()
  }

  @Test("T29: nor may others write in any directory above, unless it is sticky")
  func exposed() throws {
    try temporary.makeDirectory("open", mode: 0o777)
    try temporary.makeDirectory("open/closed")
    try temporary.makeDirectory("open/closed/closed")
    let reason = "lies below a directory that others can write"
    #expect(refusal(explicit("open/closed/root"), create: true) == reason)
    #expect(refusal(explicit("open/closed/closed/root"), create: true) == reason)
    try Handle.currentDirectory.changeMode(ofEntry: temporary.path + "/open", 0o1777)
    _ = try explicit("open/closed/closed/root").create()
  }

  @Test("T29: another user's directory is refused")
  func owner() throws {
    guard Credentials.effectiveUserID == 0 else { return }
    try temporary.makeDirectory("theirs")
    try Handle.currentDirectory.changeOwner(
      temporary.path + "/theirs", user: 12345, group: 12345)
    #expect(refusal(explicit("theirs")) == "belongs to another user")
  }

  @Test("the caller's link is followed, and neither / nor a file is a root")
  func wrongKinds() throws {
    try temporary.makeDirectory("real")
    try temporary.makeSymlink("link", to: "real")
    try temporary.write("file", "")
    #expect(throws: StateError.self) { try explicit("file").open() }
    #expect(try explicit("link").open() != nil)
    let slash = StateRoot(explicit: "/..", runtimeDirectory: nil, isRealRoot: true)
    #expect(refusal(slash) == "is the root directory")
  }

  private func explicit(_ name: ByteString) -> StateRoot {
    StateRoot(explicit: temporary.path + "/" + name, runtimeDirectory: nil, isRealRoot: true)
  }

  private func refusal(_ root: StateRoot, create: Bool = false) -> String? {
    do throws(StateError) {
      _ = create ? try root.create() : try root.open()
      return nil
    } catch {
      guard case .unsafeRoot(_, let reason) = error else { return error.message.description }
      return reason.description
    }
  }
}

import Bytes
import OCISpec

// Every command reads the record, and `list` that of every container. The JSON parser and its tree take more
// of the time of a `list` than all its system calls, for a text that nearly always is one that `json` has made.
extension ContainerRecord {
  /// The record in a text that is, to the byte, as `json` writes one: its members in this order, no byte that
  /// is escaped, no limits of an `update` and no mounts of `mounts add`. nil for any other text, of which the
  /// parser has to say what it is; whatever is taken here it takes as well, and as the same record.
  init?(plain bytes: [UInt8]) {
    // None that exceeds a limit of the parser.
    guard bytes.count < 64 << 10 else { return nil }
    var cursor = TextCursor(bytes)
    cursor.expect(#"{"apusVersion":1,"id":""#)
    let id = cursor.text()
    let bundle = cursor.text(after: #","bundle":""#)
    let rootfs = cursor.text(after: #","rootfs":""#)
    cursor.skipText(after: #","created":""#)
    let seconds = cursor.number(after: #","createdSeconds":"#)
    let nanoseconds = cursor.number(after: #","createdNanoseconds":"#)
    let manager = cursor.text(after: #","cgroupManager":""#)
    let cgroupPath = cursor.textIfAny(after: #","cgroupPath":""#)
    let cgroupBase = cursor.skip(#","cgroupBase":"#) ? Int(cursor.number()) : nil
    let cgroupInode = cursor.skip(#","cgroupInode":"#) ? cursor.number() : nil
    let cgroupMountPoint = cursor.textIfAny(after: #","cgroupMountPoint":""#)
    let resctrlDirectory = cursor.textIfAny(after: #","resctrlDirectory":""#)
    let keyring = cursor.textIfAny(after: #","keyring":""#)
    let ownsPidNamespace = cursor.flag(after: #","ownsPidNamespace":"#)
    let startNeedsConfig = cursor.flag(after: #","startNeedsConfig":"#)
    let deleteNeedsConfig = cursor.flag(after: #","deleteNeedsConfig":"#)
    let namespaces = cursor.entries(after: #","namespaces":{"#)
    let annotations = cursor.entries(after: #","annotations":{"#)
    cursor.skipTextIfAny(after: #","cgroup_paths":{"":""#, before: "}")
    let initProcess = cursor.initProcess()
    let mounts = cursor.config()
    cursor.expect("}")
    guard cursor.isComplete else { return nil }
    self.init(
      id: id, bundle: bundle, rootfs: rootfs, createdSeconds: Int64(seconds),
      createdNanoseconds: Int64(nanoseconds), initProcess: initProcess, cgroupPath: cgroupPath,
      cgroupMountPoint: cgroupMountPoint, cgroupManager: manager,
      resctrlDirectory: resctrlDirectory, keyring: keyring, ownsPidNamespace: ownsPidNamespace,
      annotations: annotations, mounts: mounts)
    self.cgroupBase = cgroupBase
    self.cgroupInode = cgroupInode
    self.namespaces = namespaces
    self.startNeedsConfig = startNeedsConfig
    self.deleteNeedsConfig = deleteNeedsConfig
    if !isSound { return nil }
  }
}

extension TextCursor {
  fileprivate mutating func text(after literal: StaticString) -> ByteString {
    expect(literal)
    return text()
  }

  fileprivate mutating func textIfAny(after literal: StaticString) -> ByteString? {
    skip(literal) ? text() : nil
  }

  fileprivate mutating func skipText(after literal: StaticString) {
    expect(literal)
    skipText()
  }

  fileprivate mutating func skipTextIfAny(after literal: StaticString, before end: StaticString) {
    guard skip(literal) else { return }
    skipText()
    expect(end)
  }

  fileprivate mutating func number(after literal: StaticString) -> UInt64 {
    expect(literal)
    return number()
  }

  fileprivate mutating func flag(after literal: StaticString) -> Bool {
    expect(literal)
    if skip("true") { return true }
    expect("false")
    return false
  }

  /// The members of an object, which is there unless it has none. The parser refuses a name that comes twice;
  /// of many it has to see to it.
  fileprivate mutating func entries(after literal: StaticString) -> [Entry<ByteString>] {
    guard skip(literal) else { return [] }
    var entries = [Entry<ByteString>]()
    repeat {
      expect("\"")
      let name = text()
      let value = text(after: #":""#)
      if entries.count == 16 || entries.contains(where: { $0.key == name }) { refuse() }
      entries.append(Entry(name, value))
    } while skip(",")
    expect("}")
    return entries
  }

  fileprivate mutating func initProcess() -> InitIdentity? {
    guard skip(#","init_process_pid":"#) else { return nil }
    let pid = Int32(exactly: number()) ?? 0
    if pid == 0 { refuse() }
    let start = number(after: #","init_process_start":"#)
    let inode = skip(#","init_process_inode":"#) ? number() : nil
    let bootID = text(after: #","bootID":""#)
    expect(#","namespace_paths":{"#)
    skipText(after: #""NEWNS":""#)
    skipText(after: #","NEWPID":""#)
    skipText(after: #","NEWNET":""#)
    skipText(after: #","NEWIPC":""#)
    skipText(after: #","NEWUTS":""#)
    skipText(after: #","NEWUSER":""#)
    skipText(after: #","NEWCGROUP":""#)
    skipText(after: #","NEWTIME":""#)
    expect("}")
    return InitIdentity(pid: pid, startTime: start, inode: inode, bootID: bootID)
  }

  /// What is there for other tools: of it, the record has the mounts.
  fileprivate mutating func config() -> [Entry<ByteString>] {
    skipText(after: #","config":{"rootfs":""#)
    expect(#","mounts":["#)
    var mounts = [Entry<ByteString>]()
    if !skip("]") {
      repeat {
        let source = text(after: #"{"source":""#)
        mounts.append(Entry(text(after: #","destination":""#), source))
        expect("}")
      } while skip(",")
      expect("]")
    }
    expect(#","labels":["#)
    repeat { skipText(after: "\"") } while skip(",")
    expect("]}")
    return mounts
  }
}

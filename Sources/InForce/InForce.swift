// InForce: what the configuration of a container says beside what the kernel has in force.
//
// Lives here: rows of both for a container that lives, gathered from procfs and cgroupfs of the host and by
// a process that enters the container's namespaces; what counts as a difference.
// Never here: a change of anything; a file below the state root; how rows are shown.
// Imports: Bytes, OCISpec, Linux, Plan, the domains.

package import Bytes
package import Cgroups
package import Linux
import Namespaces
package import OCISpec
package import Plan

/// One property of a container: configured, and in force.
package struct InForceRow: Equatable, Sendable {
  package enum Verdict: Equatable, Sendable {
    case same, differs
    /// It could not be looked at.
    case unknown
  }

  /// Where it is configured, or would be.
  package var pointer: ByteString
  package var what: ByteString
  /// Empty where the configuration says nothing.
  package var wanted: ByteString
  package var found: ByteString
  package var verdict: Verdict
  package var note: ByteString
}

/// A container to be compared with its configuration.
package struct Subject {
  package var plan: CreatePlan
  package var process: ProcessHandle
  package var cgroup: Cgroup?
  /// Whether init is the program by now: execve sets capabilities, the filter and the label.
  package var hasStarted: Bool
  /// The namespaces that init was started in, by kind.
  package var recorded: [Entry<ByteString>]
  /// Mounts that were added later, by their ids.
  package var added: [(id: UInt64, words: ByteString)] = []
  /// Other containers with the namespaces that they were started in.
  package var neighbours: [(id: ByteString, namespaces: [Entry<ByteString>])]

  package init(
    plan: CreatePlan, process: ProcessHandle, cgroup: Cgroup?, hasStarted: Bool,
    recorded: [Entry<ByteString>],
    neighbours: [(id: ByteString, namespaces: [Entry<ByteString>])] = []
  ) {
    self.plan = plan
    self.process = process
    self.cgroup = cgroup
    self.hasStarted = hasStarted
    self.recorded = recorded
    self.neighbours = neighbours
  }

  /// Everything, in the order of the configuration. An error is one of the container as a whole: it has
  /// ended. What cannot be looked at alone is a row that says so.
  package func rows() throws(SyscallError) -> [InForceRow] {
    var list = RowList()
    let files = try ProcessFiles(process)
    let inside = InsideView.look(self)
    add(files, to: &list)
    addNamespaces(files, inside, to: &list)
    addMounts(inside, to: &list)
    addDescriptors(files, inside, to: &list)
    addCgroup(to: &list)
    // The number may have changed hands while we looked: the process itself cannot have.
    try process.send(Signal(rawValue: 0))
    return list.rows
  }

  /// What differs, and what could not be looked at.
  package static func drift(_ rows: [InForceRow]) -> [InForceRow] {
    rows.filter { $0.verdict != .same }
  }
}

struct RowList {
  private(set) var rows: [InForceRow] = []

  /// - Parameters:
  ///   - wanted: nil where the configuration says nothing.
  ///   - found: nil where it could not be looked at.
  ///   - isSame: where the texts do not decide.
  mutating func add(
    _ pointer: ByteString, _ what: ByteString, _ wanted: ByteString?, _ found: ByteString?,
    isSame: Bool? = nil, note: ByteString = ""
  ) {
    let isSame = isSame ?? (wanted == nil || wanted == found)
    rows.append(
      InForceRow(
        pointer: pointer, what: what, wanted: wanted ?? "", found: found ?? "?",
        verdict: found == nil ? .unknown : isSame ? .same : .differs, note: note))
  }
}

/// The files of one process in procfs, by a directory that stays its own when the number is given away.
struct ProcessFiles {
  let directory: SharedDescriptor
  private let status: [ByteString]

  init(_ process: ProcessHandle) throws(SyscallError) {
    let procfs = try Procfs.openHost()
    let directory = SharedDescriptor(
      try procfs.handle.open(ByteString(decimal: process.pid), [.path, .directory, .noFollow]))
    try process.send(Signal(rawValue: 0))
    try self.init(directory)
  }

  /// Of a process or a thread.
  init(_ directory: SharedDescriptor) throws(SyscallError) {
    self.directory = directory
    let file = try directory.handle.open("status", .readOnly)
    status = ByteString(try file.handle.readKernelFile()).split(on: 0x0a)
  }

  /// nil where it cannot be read, or the kernel has no such file.
  func text(_ name: ByteString) -> ByteString? {
    do throws(SyscallError) {
      let file = try directory.handle.open(name, [.readOnly, .nonBlocking])
      return ByteString(try file.handle.readKernelFile())
    } catch {
      return nil
    }
  }

  /// The words of a line of `status`.
  func words(_ field: ByteString) -> [ByteString]? {
    guard let line = status.first(where: { $0.hasPrefix(field + ":") }) else { return nil }
    return ProcessFiles.words(line.dropFirst(field.count + 1))
  }

  func field(_ name: ByteString) -> ByteString? { words(name)?.joined(by: " ") }

  static func words(_ line: ByteString) -> [ByteString] {
    line.split(on: 0x20).flatMap { $0.split(on: 0x09) }.filter { !$0.isEmpty }
  }
}

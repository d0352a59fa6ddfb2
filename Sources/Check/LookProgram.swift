import Bytes
import Diagnosis
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs

/// The program, and hooks that run in the container, as execve would find them in there.
struct ProgramLooks {
  private let looks: Looks
  private let view: RootView

  init(_ looks: Looks, _ root: SharedDescriptor) {
    self.looks = looks
    view = RootView(
      root: root, mounts: looks.plan.rootfs.mounts.compactMap { ProgramLooks.mount($0) })
  }

  var findings: [Finding] {
    var found = [Finding]()
    if let program = looks.plan.exec.program {
      found += examine(
        program.arguments, path: program.environment.value(of: "PATH"), program.workingDirectory,
        at: "/process/args/0")
    }
    for hook in looks.plan.hooks[.startContainer] {
      found += examine(
        [hook.path], path: nil, "/", at: hook.pointer + "/path", form: .hook)
    }
    return found
  }

  private func examine(
    _ arguments: [ByteString], path: ByteString?, _ directory: ByteString, at pointer: ByteString,
    form: ProgramExamination.Form = .arguments
  ) -> [Finding] {
    var examination = ProgramExamination(
      arguments, path: path, workingDirectory: directory, in: view,
      rootPath: looks.plan.rootfs.path, for: user)
    examination.form = form
    if form == .hook { examination.subject = pointer }
    guard let found = examination.diagnosis() else { return [] }
    let code = form == .hook ? found.codeOfHook : found.code
    return [
      .error(
        ByteString(stringLiteral: code.word), at: pointer,
        shown(arguments.first ?? "")
          + (found.code == .execAbsent ? ": no such file or directory" : " cannot be executed")
          + (found.cause.isEmpty ? "" : ": " + found.cause), remedy: found.hint)
    ]
  }

  private static func mount(_ plan: MountPlan) -> RootView.Mount? {
    let isNoExec = plan.options.attributes.set.contains(.noExecute)
    switch plan.kind {
    case .remount: return nil
    case .bind(let source, _):
      return RootView.Mount(
        pointer: plan.pointer, destination: plan.destination, source: source, isNoExec: isNoExec)
    case .filesystem, .cgroup:
      return RootView.Mount(
        pointer: plan.pointer, destination: plan.destination, source: nil, isNoExec: isNoExec)
    }
  }

  /// As the host sees files; nil where nobody can tell.
  private var user: RootView.User? {
    let identity = looks.plan.exec.identity
    let maps = looks.plan.namespaces.idMaps
    if maps == nil, looks.plan.namespaces.has(.user) { return nil }
    let id = identity.user.user
    guard let outside = maps.map({ $0.hostUser(id) }) ?? id else { return nil }
    let groups = ([identity.user.group] + identity.user.additionalGroups).compactMap { group in
      maps.map { $0.hostGroup(group) } ?? group
    }
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, over files whose owners are mapped.
    let passes = identity.capabilities.effective & 0b110 != 0
    return RootView.User(
      user: outside, groups: groups, passesAll: passes, name: "uid " + ByteString(decimal: id))
  }
}

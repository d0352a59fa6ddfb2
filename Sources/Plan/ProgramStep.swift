package import Bytes
package import Hooks
import Identity

/// From the search for the program to execve, with the hooks and the filter.
package enum ProgramStep: Equatable, Sendable {
  case createContainerHooks([PlannedHook])
  /// `user` is whose home the program gets, where its environment has none.
  case find(ProgramPlan, user: UInt32)
  case enterWorkingDirectory(ByteString)
  /// As the user, if the kernel did not let root.
  case retryWorkingDirectory(ByteString)
  case check(ProgramPlan)
  /// A filter that notifies.
  case loadFilter
  /// `underFilter`: each in a process that loads the program's filter.
  case startContainerHooks([PlannedHook], underFilter: Bool)
  case announce
  case execute
  case executeUnderFilter
  /// A container without a process can be created and not started.
  case none
}

extension ProgramStep {
  /// The hooks that init runs in it.
  package var hooks: [PlannedHook] {
    switch self {
    case .createContainerHooks(let hooks), .startContainerHooks(let hooks, underFilter: _): hooks
    case .find, .enterWorkingDirectory, .retryWorkingDirectory, .check, .loadFilter, .announce,
      .execute, .executeUnderFilter, .none:
      []
    }
  }

  var title: ByteString {
    switch self {
    case .createContainerHooks: "run createContainer hooks"
    case .find: "find the program"
    case .enterWorkingDirectory(let path): "enter the working directory `" + path + "`"
    case .retryWorkingDirectory(let path):
      "enter the working directory `" + path + "` as the user, if root may not"
    case .check: "check the program as the user"
    case .loadFilter: "load the seccomp filter"
    case .startContainerHooks: "run startContainer hooks"
    case .announce: "reset signals, close descriptors, announce the program"
    case .execute: "execute the program"
    case .executeUnderFilter: "load the seccomp filter and execute the program"
    case .none: "refuse to start without a program"
    }
  }

  var pointer: ByteString {
    switch self {
    case .enterWorkingDirectory, .retryWorkingDirectory: "/process/cwd"
    case .loadFilter, .executeUnderFilter: "/linux/seccomp"
    case .none: "/process"
    case .createContainerHooks, .find, .check, .startContainerHooks, .announce, .execute: ""
    }
  }

  var reason: ByteString {
    switch self {
    case .createContainerHooks:
      "with every namespace and mount made, and the host's root still in place"
    case .find: "while every path can be looked at; checked again as the user"
    case .enterWorkingDirectory: "as root first: the user may not be able to walk there"
    case .retryWorkingDirectory: "a network filesystem may refuse root what it grants the user"
    case .check: "as the user: the answer that execve will give"
    case .loadFilter, .executeUnderFilter:
      "as late as the rights that it needs allow, so that few calls of the runtime must pass it"
    case .startContainerHooks: "with the program's rights: they are programs of the container"
    case .announce: "all that is left but execve"
    case .execute: "the last step: init is the program from here on"
    case .none: "start finds that there is nothing to execute"
    }
  }

  private func environment(of program: ProgramPlan) -> ByteString {
    let entries = program.environment.entries
    return entries.isEmpty ? "" : ", environment " + entries.joined(by: " ")
  }

  var details: ByteString {
    switch self {
    case .find(let program, _):
      ([""] + program.arguments).joined(by: " ") + environment(of: program)
    case .startContainerHooks(_, let underFilter): underFilter ? " under the seccomp filter" : ""
    case .createContainerHooks, .enterWorkingDirectory, .retryWorkingDirectory, .check,
      .loadFilter, .announce, .execute, .executeUnderFilter, .none:
      ""
    }
  }
}

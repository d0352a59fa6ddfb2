package import Bytes
import Container
import Launch
package import Linux
package import Report
import Tracing

/// What `main` does before a command, in modules that it does not import.
package enum Descriptors {
  /// How many from 3 on a service manager passed in.
  package static var passedIn: Int { ListenDescriptors.count }

  /// Returns the numbers among them that no file of the caller's has.
  package static func reserve(_ count: Int) throws(SyscallError) -> [Int32] {
    try PreservedDescriptors.reserve(count)
  }
}

/// How `main` keeps the executable, and this process, out of a container's reach.
package struct Protection {
  /// On the clock of a trace.
  let began: Int64
  private let hasMoved: Bool

  /// Before anything else, if a word of the arguments may be a command that touches a container.
  package init() {
    began = TraceFile.began ?? SharedSpans.now
    hasMoved =
      !Credentials.isSetuid
      && ProcessArguments.all.dropFirst().contains(where: Protection.isNeeded)
      && SelfProtection.move()
  }

  /// The words of the commands that `needsProtection` names: they are not parsed yet.
  package static func isNeeded(_ word: ByteString) -> Bool {
    switch word {
    case "create", "run", "exec", "debug", "restore", "mounts": true
    default: false
    }
  }

  /// Before a command that touches a container: closes every descriptor of the caller's from `first` on,
  /// but those that it names in `paths`; executes a protected copy if this process could not move; hides it.
  package func complete(
    keeping paths: [ByteString], from first: Int, isTraced: Bool
  ) throws(CommandFailure) {
    let kept = CallerPath.descriptors(in: paths)
    do throws(SyscallError) { try DescriptorRange.keepOnly(kept, from: UInt32(first)) } catch {
      throw CommandFailure(error)
    }
    if !hasMoved {
      let variables = isTraced ? [TraceFile.variable(began)] : []
      do throws(StepFailure) {
        try SelfProtection.execute(keeping: kept, adding: variables)
      } catch {
        throw CommandFailure(error)
      }
    }
    do throws(SyscallError) { try SelfProtection.hide() } catch { throw CommandFailure(error) }
  }
}

extension Command {
  /// Whether it is going to touch a container's tree or processes from inside: then the executable must
  /// be a protected copy first.
  package var needsProtection: Bool {
    switch self {
    case .create, .run, .exec, .debug, .restore: true
    case .mounts(let options): options.action != .list
    case .start, .state, .list, .kill, .delete, .pause, .resume, .trace, .ps, .spec, .features,
      .update, .events, .inspect, .gc, .doctor, .check, .plan, .explain, .seccomp, .report,
      .checkpoint:
      false
    }
  }
}

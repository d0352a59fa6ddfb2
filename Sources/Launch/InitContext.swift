package import Bytes
package import Linux
package import Namespaces
package import OCISpec
package import Rootfs
package import Seccomp
package import Tracing

/// What init needs beside its steps: everything of the host that it works with, opened by the parent
/// before the clone. Init owns none of it: its copies are closed by its steps, and by execve.
package struct InitContext {
  /// The namespaces that it joins.
  package var joined: [OpenedNamespace]
  /// nil for a container without a filter.
  package var filter: SeccompProgram?
  /// Where the master of a new terminal goes; nil where there is no place for one.
  package var console: ConsoleSink?
  /// Descriptors from 3 on that belong to the program.
  package var preservedDescriptors: Int
  /// What the runtime adds to the program's environment: the names of passed descriptors.
  package var extraEnvironment: [(name: ByteString, value: ByteString)] = []
  /// For hooks in the container: complete but for status and pid.
  package var state: State
  /// What only the init of a new container has.
  package var creation: Creation?
  /// The root of the container that an `exec` joins, where it has no mount namespace.
  package var joinedRoot: SharedDescriptor?
  /// Of a `debug`, which ends with the runtime.
  package var toolRoot: ToolRoot?
  /// With `--trace`: an entry for each step, and behind them one for each hook that init runs.
  package var spans: SharedSpans?
  package var hookTrace: HookTrace?
  /// Steps before which the parent is asked; most often none.
  package var breaks: [Int] = []

  package init(
    joined: [OpenedNamespace], filter: SeccompProgram?, console: ConsoleSink?,
    preservedDescriptors: Int, state: State
  ) {
    self.joined = joined
    self.filter = filter
    self.console = console
    self.preservedDescriptors = preservedDescriptors
    self.state = state
  }

  package enum ConsoleSink {
    /// The caller's `--console-socket`, connected.
    case socket(SharedDescriptor)
    /// The parent, over the stage channel.
    case parent
  }

  /// Whether the process of the second clone waits until the parent knows it. In an `exec` it waits when it
  /// is ready, and the parent takes note of it meanwhile.
  var waitsWhenCloned: Bool { creation != nil }

  package struct Creation {
    package let rootfs: RootfsContext
    /// Where `create` leaves init to wait; nil for `run`, whose parent starts it over the channel.
    package let execFIFO: ExecFIFO?

    package init(rootfs: RootfsContext, execFIFO: ExecFIFO?) {
      self.rootfs = rootfs
      self.execFIFO = execFIFO
    }
  }
}

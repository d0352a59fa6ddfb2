package import Bytes

/// The annotations that change something, beside those that name a property of systemd.
package enum Annotation: Equatable, Sendable, CaseIterable {
  case hookErrors, hookOutput, keptGroups, mountContext, seccompReceiver, knownCallsOnly
  case criuConfig

  package var name: ByteString {
    switch self {
    case .hookErrors: "run.oci.hooks.stderr"
    case .hookOutput: "run.oci.hooks.stdout"
    case .keptGroups: "run.oci.keep_original_groups"
    case .mountContext: "run.oci.mount_context_type"
    case .seccompReceiver: "run.oci.seccomp.receiver"
    case .criuConfig: "org.criu.config"
    case .knownCallsOnly: "run.oci.seccomp_fail_unknown_syscall"
    }
  }

  /// Its place in `config.json`.
  package var pointer: ByteString { "/annotations/" + name }

  /// Those that ask other runtimes for protection that there is none of here (AN-5).
  package static let refused: [(name: ByteString, reason: ByteString)] = [
    ("run.oci.handler", "there are no handlers: the program would run without the one it asks for"),
    ("run.oci.seccomp_bpf_data", "compiled filters are not accepted: use /linux/seccomp"),
  ]
}

extension [Entry<ByteString>] {
  package subscript(annotation: Annotation) -> ByteString? {
    isEmpty ? nil : self[annotation.name]
  }
}

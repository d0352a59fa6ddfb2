import Bytes

/// Where init waits for the parent. `StageMessage` has what is said.
package enum SyncStep: Equatable, Sendable {
  case idMaps
  /// The network namespace, which the parent makes meanwhile.
  case network
  /// Nothing is waited for.
  case entered
  /// prestart and createRuntime hooks, network devices.
  case afterMounts
  case ready
  /// The exec FIFO.
  case start
}

extension SyncStep {
  var title: ByteString {
    switch self {
    case .idMaps: "sync with the parent: id maps and time offsets"
    case .network: "join the network namespace that the parent makes"
    case .entered: "tell the parent that the namespaces are complete"
    case .afterMounts: "sync with the parent: network devices, prestart and createRuntime hooks"
    case .ready: "sync with the parent: limits and record"
    case .start: "wait for start"
    }
  }

  var reason: ByteString {
    switch self {
    case .idMaps: "ids mean nothing in the user namespace until the parent has mapped them"
    case .network: "before the first that depends on it, and as late as that"
    case .entered: "it looks at them while mounts are made"
    case .afterMounts: "with every namespace and mount made, and the host's root still in place"
    case .ready: "limits and record, before others can find the process"
    case .start: "whatever can fail has been tried: create has succeeded"
    }
  }
}

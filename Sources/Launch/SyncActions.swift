import Bytes
import Linux
import Plan

extension InitStage {
  func perform(_ step: SyncStep) throws(SyscallError) {
    switch step {
    case .idMaps: try channel.sync(.needsMaps)
    case .network: try joinNetwork()
    case .entered: try channel.send(.entered)
    case .afterMounts: try channel.sync(.mountsDone)
    case .ready:
      try channel.send(.ready)
      startsAtOnce = try channel.mayStart()
    case .start: try awaitStart()
    }
  }

  /// Tells the parent that all is well, and waits. From here on the parent may be gone.
  private func awaitStart() throws(SyscallError) {
    try ThisProcess.setParentDeathSignal(nil)
    try channel.send(.created)
    isCreated = true
    if !startsAtOnce { try execFIFO.waitForStart() }
  }

  private func joinNetwork() throws(SyscallError) {
    try takeNetwork()
    if let network { try ThisProcess.join(network.handle, .network) }
    network = nil
  }

  /// The first that the parent says, where it makes the network namespace.
  private func takeNetwork() throws(SyscallError) {
    if !awaitsNetwork { return }
    guard case (.network, let descriptor?)? = try channel.receive() else {
      throw .unmet("the runtime is gone")
    }
    network = descriptor
    awaitsNetwork = false
  }

  /// Before a step that the caller has named.
  func halt(before index: Int) throws(SyscallError) {
    try channel.send(.halts(Int32(index)))
    try takeNetwork()
    try channel.awaitProceed()
  }
}

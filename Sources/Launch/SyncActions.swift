import Bytes
import Linux
import Plan

extension InitStage {
  func perform(_ step: SyncStep) throws(SyscallError) {
    switch step {
    case .idMaps: try channel.sync(.needsMaps)
    case .afterMounts: try channel.sync(.mountsDone)
    case .ready: try channel.sync(.ready)
    case .start: try awaitStart()
    }
  }

  /// Tells the parent that all is well, and waits. From here on the parent may be gone.
  private func awaitStart() throws(SyscallError) {
    try ThisProcess.setParentDeathSignal(nil)
    try channel.send(.created)
    isCreated = true
    try execFIFO.waitForStart()
  }
}

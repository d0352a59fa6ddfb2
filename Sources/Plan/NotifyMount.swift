package import Bytes
import Namespaces
import Rootfs

/// Where a container finds the socket on which it says that it is ready (sd_notify(3)).
package enum NotifyMount {
  static let directory: ByteString = "/run/notify"
  package static let socketName: ByteString = "notify.sock"
  package static var socketPath: ByteString { directory + "/" + socketName }
}

extension CreatePlan {
  /// After the configuration's own mounts, of which one may lie on `/run`.
  mutating func addNotifyMount(_ source: ByteString) {
    guard exec.program != nil else { return }
    guard namespaces.has(.mount) else {
      warnings.append("without a mount namespace NOTIFY_SOCKET is not passed on")
      return
    }
    rootfs.mounts.append(.readOnlyDirectory(source, on: NotifyMount.directory))
    notifies = true
  }
}

package import Bytes
package import CRIU
package import OCISpec
import Rootfs

/// What the command line asks of `checkpoint` and `restore`.
package struct ImageRequest: Equatable, Sendable {
  /// Directories, absolute; without one of its own the log is among the images.
  package var images: ByteString
  package var work: ByteString?
  /// Images of a pre-dump, from `images`.
  package var parent: ByteString?
  package var flags: CRIUFlags = []
  package var cgroupMode: CRIUCgroupMode = .ignore
  package var networkLock: CRIUNetworkLock?
  package var pageServer: CRIUPageServer?
  package var statusDescriptor: Int32?
  package var lsmProfile: ByteString?
  package var lsmMountContext: ByteString?
  /// Memory only, while the container runs.
  package var isPreDump = false
  /// Nothing is dumped: only whether it could be.
  package var isCheck = false

  package init(images: ByteString) { self.images = images }

  /// What CRIU is told of it, beside what only the container knows.
  package func options(images: Int32, work: Int32?, _ annotations: [Entry<ByteString>])
    -> CRIUOptions
  {
    var options = CRIUOptions(images: images)
    options.work = work
    options.parentImages = parent
    options.flags = flags
    options.cgroupMode = cgroupMode
    options.networkLock = networkLock
    options.pageServer = pageServer
    options.statusDescriptor = statusDescriptor
    options.lsmProfile = lsmProfile
    options.lsmMountContext = lsmMountContext
    options.configFile = annotations[.criuConfig]
    return options
  }

  /// Whether the container is gone afterwards.
  package var ends: Bool { !flags.contains(.leaveRunning) && !isPreDump && !isCheck }
}

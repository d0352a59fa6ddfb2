package import Bytes

/// What `checkpoint` and `restore` share.
package struct ImageOptions: Equatable, Sendable {
  /// Absolute.
  package var images: ByteString
  package var work: ByteString?
  /// As given, from `images`.
  package var parent: ByteString?
  /// The flags that are on, by their names.
  package var flags: [ByteString] = []
  package var cgroupMode: ByteString?
  package var networkLock: ByteString?
  /// `ADDRESS:PORT`, as given.
  package var pageServer: ByteString?
  package var statusDescriptor: Int32?
  package var lsmProfile: ByteString?
  package var lsmMountContext: ByteString?

  package init(images: ByteString) { self.images = images }
}

package struct CheckpointOptions: Equatable, Sendable {
  package var id: ByteString
  package var images: ImageOptions

  package init(id: ByteString, images: ImageOptions) {
    self.id = id
    self.images = images
  }
}

package struct RestoreOptions: Equatable, Sendable {
  package var create: CreateOptions
  package var detach = false
  package var noSubreaper = false
  package var images: ImageOptions

  package init(create: CreateOptions, images: ImageOptions) {
    self.create = create
    self.images = images
  }
}

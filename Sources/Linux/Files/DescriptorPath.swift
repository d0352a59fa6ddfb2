package import Bytes

extension Handle {
  /// The path by which procfs leads to the open file, for calls that take no descriptor: good where
  /// `/proc` is the host's, so before the root is switched.
  package var descriptorPath: ByteString { "/proc/self/fd/" + ByteString(decimal: raw) }
}

/// The version of the running kernel (uname(2)): major and minor number.
package struct KernelVersion: Comparable, Sendable {
  package let major: UInt64
  package let minor: UInt64
  package init(_ major: UInt64, _ minor: UInt64) {
    self.major = major
    self.minor = minor
  }
  @inline(never)
  package static func < (left: KernelVersion, right: KernelVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

package import Bytes
package import OCISpec

/// Where below the mount point of cgroup2 a container lives: `/machine/abc`, never the root itself.
package struct CgroupPath: Equatable, Sendable {
  package let components: [ByteString]

  package var text: ByteString { "/" + components.joined(by: "/") }

  private static let pointer: ByteString = "/linux/cgroupsPath"
  // What the kernel accepts is more, but the path has to fit into /proc/PID/cgroup.
  private static let longest = 3072
  private static let deepest = 128

  /// The place that `linux.cgroupsPath` means (CG-1 to CG-4).
  ///
  /// An absolute path starts at the mount point. A relative one starts beside the cgroup that we are
  /// in ourselves, and so does the id where there is no path at all.
  package init(_ path: ByteString?, id: ByteString, ownCgroup: ByteString) throws(ConfigError) {
    var components = [ByteString]()
    if path?.hasPrefix("/") != true { components = CgroupPath.parent(of: ownCgroup) }
    let base = components.count
    let wanted = path ?? id
    guard wanted.count <= CgroupPath.longest else {
      throw ConfigError(CgroupPath.pointer, "longer than 3072 bytes")
    }
    for component in wanted.pathComponents {
      if component != ".." {
        try CgroupPath.check(component)
        components.append(component)
        continue
      }
      guard components.count > base else {
        throw ConfigError(CgroupPath.pointer, quoted(wanted) + " leaves the place it starts from")
      }
      components.removeLast()
    }
    guard components.count > base else {
      throw ConfigError(CgroupPath.pointer, quoted(wanted) + " names no cgroup of its own")
    }
    guard components.count <= CgroupPath.deepest else {
      throw ConfigError(CgroupPath.pointer, "more than 128 levels deep")
    }
    self.components = components
  }

  /// A path that was checked when it was read from the record, or that the kernel gave: the root, perhaps.
  package init(recorded text: ByteString) {
    components = text.pathComponents
  }

  init(components: [ByteString]) { self.components = components }

  private static func check(_ component: ByteString) throws(ConfigError) {
    if component.count > 255 { throw ConfigError(pointer, "a name in it is longer than 255 bytes") }
    // The kernel keeps this prefix for its files.
    if component.hasPrefix("cgroup.") {
      throw ConfigError(pointer, quoted(component) + " is a name of the kernel")
    }
    if component.bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      throw ConfigError(pointer, quoted(component) + " has control characters")
    }
  }

  private static func parent(of path: ByteString) -> [ByteString] {
    let components = path.pathComponents
    // `/..` stands for a place outside of the runtime's cgroup namespace.
    if components.contains("..") { return [] }
    return Array(components.dropLast())
  }
}

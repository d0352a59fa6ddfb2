import Bytes
import Cgroups
import Linux
import Report

/// Where the new process of an `exec` is cloned.
enum ExecCgroup {
  static func open(_ options: [ByteString], _ cgroup: Cgroup?) throws(CommandFailure)
    -> SharedDescriptor?
  {
    guard let cgroup else { return nil }
    var path: ByteString = ""
    for option in options {
      if option.contains(UInt8(ascii: ":")) {
        throw CommandFailure("--cgroup: controllers have no cgroups of their own in cgroup v2")
      }
      path = option
    }
    do throws(CgroupError) { return try cgroup.openDirectory(path) } catch {
      throw CommandFailure(error)
    }
  }
}

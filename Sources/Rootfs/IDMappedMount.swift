import Bytes
import Linux

extension RootfsContext {
  /// Gives a detached mount the ids of its plan (ID-5).
  func mapIDs(of mount: Handle, _ plan: MountPlan) throws(SyscallError) {
    guard let map = plan.idMap, let entry = idMaps.first(where: { $0.pointer == plan.pointer })
    else { throw SyscallError("idmap", plan.destination, .EINVAL) }
    do throws(SyscallError) {
      try Mounting.setAttributes(
        mount, set: .idMapped, userNamespace: entry.namespace.handle, recursive: map.recursive)
    } catch {
      guard error.errno == .EINVAL else { throw error }
      throw SyscallError(
        "idmap", "the filesystem " + filesystemName(of: plan) + " does not know idmapped mounts",
        .EINVAL)
    }
  }

  /// What mountinfo calls it.
  private func filesystemName(of plan: MountPlan) -> ByteString {
    guard case .bind(let source, _) = plan.kind else { return "" }
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(source, .path)
      return try Mounting.filesystemName(mountID: file.handle.status().mountID)
    } catch {
      return "of `" + source + "`"
    }
  }
}

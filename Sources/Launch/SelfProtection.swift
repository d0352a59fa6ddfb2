package import Bytes
package import Linux

/// Keeps the host's executable out of the container's reach (CVE-2019-5736).
///
/// A container can make us execute ourselves inside it (`#!/proc/self/exe`) and then reach our file
/// through `/proc/PID/exe`. So whoever is going to touch a container runs from another inode, which
/// nobody can write: the binary through a read-only overlay of its directory, or a sealed copy in memory.
///
/// Where it may, this process moves to the overlay as it is: it maps its own code anew and tells the
/// kernel what its executable is now (PR_SET_MM_MAP). Otherwise it executes a sealed copy.
package enum SelfProtection {
  /// Moves this process to an overlay. Called before anything else: the less of the executable has
  /// been mapped, the less is mapped twice, and then this is half of what an execve costs.
  ///
  /// Returns whether the executable is protected. False, with nothing left behind, without an overlay,
  /// without CAP_CHECKPOINT_RESTORE, and on a kernel without CONFIG_CHECKPOINT_RESTORE.
  package static func move() -> Bool {
    do throws(SyscallError) {
      let own = try Handle.currentDirectory.open("/proc/self/exe", .readOnly)
      if try isProtected(own.handle) { return true }
      let copy = try overlayCopy(of: own.handle)
      try ThisProcess.replaceExecutable(copy.handle)
      return true
    } catch {
      return false
    }
  }

  /// Executes a sealed copy with the same arguments, unless this process runs from one.
  ///
  /// - Parameters:
  ///   - kept: descriptors that stay open over that execve.
  ///   - variables: entries of the environment that the copy gets beside ours.
  package static func execute(
    keeping kept: [Handle], adding variables: [ByteString]
  ) throws(StepFailure) {
    do throws(SyscallError) {
      let own = try Handle.currentDirectory.open("/proc/self/exe", .readOnly)
      if try isProtected(own.handle) { return }
      let image = ExecutableImage(
        arguments: ProcessArguments.all, environment: ProcessArguments.environment + variables)
      let copy = try memoryCopy(of: own.handle)
      for handle in kept { try handle.keepOnExec() }
      throw image.execute(file: copy.handle)
    } catch {
      throw StepFailure(step: "protect the runtime's executable", error)
    }
  }

  /// Whatever is cloned from here on is hidden from its first moment, also in a new user namespace,
  /// over which everybody with the runtime's user id has every capability. Somebody without root's
  /// rights cannot write the id maps of a hidden process.
  package static func hide() throws(SyscallError) {
    if Credentials.effectiveUserID == 0 { try ThisProcess.setDumpable(false) }
  }

  /// A sealed file, or one of an image that no kernel writes. Neither an environment variable nor an overlay
  /// says so: the caller could have set the one, and may have started us from the other, mounted read-only
  /// in a mount namespace that we do not see, until somebody remounts it.
  ///
  /// A file under fs-verity is not enough: its content stays, but its mode can be changed through a
  /// descriptor on it, and then it starts no more. Nor is a filesystem that is mounted read-only: who has
  /// such a descriptor waits for the host to remount it.
  private static func isProtected(_ executable: Handle) throws(SyscallError) -> Bool {
    if MemoryFile.isSealed(executable) { return true }
    return try executable.filesystem().isImage
  }

  /// The same file through an overlay of its directory and an empty second layer: another inode,
  /// no page copied, and EROFS for whoever opens it for writing, whatever is remounted.
  private static func overlayCopy(of executable: Handle) throws(SyscallError) -> FileDescriptor {
    let path = try Handle.currentDirectory.readLink("/proc/self/exe")
    let directory = path.directoryName
    guard directory != "/", !path.contains(UInt8(ascii: ":")), !path.contains(UInt8(ascii: "\\"))
    else { throw .unmet(quoted(directory) + " cannot be a layer of an overlay", directory) }
    let context = try Mounting.openFilesystem("overlay")
    // A lone lower layer is refused. The second one is never looked at: the name is in the first.
    try Mounting.configure(context.handle, "lowerdir", directory + ":/sys/kernel")
    try Mounting.create(context.handle)
    let mount = try Mounting.mountFilesystem(
      context.handle, [.readOnly, .noSetUserID, .noDevices])
    let copy = try mount.handle.open(path.baseName, [.readOnly, .noFollow])
    // The link's text may be stale: only the same file with the same content is us.
    let original = try executable.status()
    let seen = try copy.handle.status()
    guard seen.inode == original.inode, seen.size == original.size, seen.kind == .regular else {
      throw .violation(quoted(path) + " is not the executable that runs", path)
    }
    return copy
  }

  private static func memoryCopy(of executable: Handle) throws(SyscallError) -> FileDescriptor {
    let copy = try MemoryFile.create("apus", executable: true)
    try MemoryFile.copy(
      from: executable, to: copy.handle, count: try executable.status().size)
    try copy.handle.changeMode(0o555)
    try MemoryFile.seal(copy.handle)
    return copy
  }
}

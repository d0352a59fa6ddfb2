import Bytes
package import Linux

/// What this process, which has one thread, does in another network namespace than its own.
package enum NetworkVisit {
  /// What `body` gives, performed after `enter`; then this process is back in `own`, or it ends. Only a kernel without
  /// memory refuses to let it back. In the wrong namespace nothing may be done, no hook run and nothing undone:
  /// init ends with this process, and `delete --force` removes what is left. `lost` tells why.
  package static func make<Result>(
    from own: consuming FileDescriptor, enter: () throws(SyscallError) -> Void,
    lost: (SyscallError) -> Void, _ body: () throws(SyscallError) -> Result
  ) throws(SyscallError) -> Result {
    try enter()
    let result: Result
    do throws(SyscallError) { result = try body() } catch {
      comeBack(to: own.handle, lost)
      throw error
    }
    comeBack(to: own.handle, lost)
    return result
  }

  private static func comeBack(to own: Handle, _ lost: (SyscallError) -> Void) {
    var attempts = 0
    while true {
      do throws(SyscallError) { return try ThisProcess.join(own, .network) } catch {
        attempts += 1
        if attempts == 100 {
          lost(error)
          ThisProcess.exit(1)
        }
      }
      Clock.sleep(milliseconds: 10)
    }
  }
}

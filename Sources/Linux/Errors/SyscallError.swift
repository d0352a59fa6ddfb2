import Bytes

/// Gives the kernel's answer, or throws it as an error when it is negative.
@discardableResult
func check(
  _ answer: Int64, _ call: StaticString, _ subject: @autoclosure () -> ByteString = ""
) throws(SyscallError) -> Int64 {
  if answer < 0 {
    // An errno is at most 4095.
    throw SyscallError(
      ByteString(stringLiteral: call), subject(),
      Errno(rawValue: Int32(truncatingIfNeeded: -answer)))
  }
  return answer
}

extension Int64 {
  /// Whether this answer of the kernel is that error.
  func failed(with errno: Errno) -> Bool { self == -Int64(errno.rawValue) }
}

/// As `check`, and asks again while a signal interrupted the call.
@discardableResult
func checkRetrying(
  _ call: StaticString, _ subject: @autoclosure () -> ByteString = "", _ body: () -> Int64
) throws(SyscallError) -> Int64 {
  while true {
    let answer = body()
    if answer.failed(with: .EINTR) { continue }
    return try check(answer, call, subject())
  }
}

/// What the kernel writes into a buffer of `capacity` bytes; asks again while a signal interrupts.
func readFromKernel(
  _ capacity: Int, _ call: StaticString, _ subject: @autoclosure () -> ByteString = "",
  _ body: (UnsafeMutablePointer<CChar>) -> Int64
) throws(SyscallError) -> [UInt8] {
  var answer: Int64 = 0
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
    let start = unsafe UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
    repeat {
      answer = unsafe body(start.assumingMemoryBound(to: CChar.self))
    } while answer.failed(with: .EINTR)
    filled = max(0, Int(answer))
  }
  try check(answer, call, subject())
  return bytes
}

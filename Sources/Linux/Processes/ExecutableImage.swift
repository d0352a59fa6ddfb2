package import Bytes
import CShim

/// A program with its arguments and environment, laid out before it is needed: executing it
/// allocates nothing.
@safe
package final class ExecutableImage {
  private var arguments: [UnsafeMutablePointer<CChar>?]
  private var environment: [UnsafeMutablePointer<CChar>?]

  package init(arguments: [ByteString], environment: [ByteString]) {
    unsafe self.arguments = arguments.map { unsafe ExecutableImage.copy($0) } + [nil]
    unsafe self.environment = environment.map { unsafe ExecutableImage.copy($0) } + [nil]
  }

  /// Lives until execve or exit, as the program's own memory does.
  private static func copy(_ text: ByteString) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
    unsafe text.withCString {
      unsafe UnsafeMutableRawPointer(copy).copyMemory(from: $0, byteCount: text.count + 1)
    }
    return unsafe copy
  }

  /// Becomes the program `path` (execve(2)); returns only with an error.
  @inline(never)
  package func execute(_ path: ByteString) -> SyscallError {
    let answer = unsafe withPointers(path) { unsafe apus_execve($0, $1, $2) }
    return SyscallError("execve", path, Errno(rawValue: Int32(truncatingIfNeeded: -answer)))
  }

  /// Becomes the program that `file` is open on (execveat(2)); returns only with an error.
  @inline(never)
  package func execute(file: Handle) -> SyscallError {
    let answer = unsafe withPointers("") {
      unsafe apus_execveat(file.raw, $0, $1, $2, Int32(APUS_AT_EMPTY_PATH))
    }
    return SyscallError("execve", "", Errno(rawValue: Int32(truncatingIfNeeded: -answer)))
  }

  /// The three arguments of execve(2).
  func withPointers(
    _ path: ByteString,
    _ body: (
      UnsafePointer<CChar>, UnsafePointer<UnsafeMutablePointer<CChar>?>?,
      UnsafePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int64
  ) -> Int64 {
    unsafe path.withCString { path in
      unsafe arguments.withUnsafeBufferPointer { arguments in
        unsafe environment.withUnsafeBufferPointer { environment in
          unsafe body(path, arguments.baseAddress, environment.baseAddress)
        }
      }
    }
  }
}

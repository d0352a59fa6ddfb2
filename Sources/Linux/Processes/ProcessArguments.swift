package import Bytes
import CShim

/// What this process was called with.
package enum ProcessArguments {
  /// argv, the program's name first.
  package static var all: [ByteString] {
    (0..<apus_argument_count()).map { unsafe text(apus_argument($0)) }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> ByteString {
    guard let start = unsafe pointer else { return ByteString() }
    let count = Int(unsafe apus_text_length(start))
    return unsafe ByteString(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Every `NAME=value` of the environment.
  package static var environment: [ByteString] {
    var all = [ByteString]()
    var index: Int32 = 0
    while let entry = unsafe apus_environment(index) {
      unsafe all.append(text(entry))
      index += 1
    }
    return all
  }

  /// Overwrites arguments and environment where procfs shows them: the command line of a process is
  /// readable by every process that can see this one, dumpable or not (proc_pid_cmdline(5)). After
  /// this there is nothing to read; what was read before cannot be taken back.
  package static func forget() {
    unsafe ("apus" as ByteString).withCString { unsafe apus_forget_arguments($0) }
  }

  /// The value of one variable.
  package static func variable(_ name: ByteString) -> ByteString? {
    let value = unsafe name.withCString { unsafe apus_variable($0) }
    return unsafe value.map { unsafe text($0) }
  }
}

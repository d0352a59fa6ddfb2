package import Bytes
import CShim

/// What this process was called with.
package enum ProcessArguments {
  /// argv, the program's name first.
  package static var all: [ByteString] {
    (0..<apus_argument_count()).map { unsafe text(apus_argument($0)) }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> ByteString {
    var bytes = [UInt8]()
    guard var at = unsafe pointer else { return ByteString() }
    while unsafe at.pointee != 0 {
      bytes.append(UInt8(bitPattern: unsafe at.pointee))
      unsafe at += 1
    }
    return ByteString(bytes)
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

  /// The value of one variable.
  package static func variable(_ name: ByteString) -> ByteString? {
    let prefix = name + "="
    for entry in environment where entry.hasPrefix(prefix) { return entry.dropFirst(prefix.count) }
    return nil
  }
}

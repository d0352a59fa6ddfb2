package import Bytes

/// A record of the kernel's log about a process that a seccomp filter killed (type 1326):
/// `audit: type=1326 audit(1795857273.619:1183): … pid=11750 … sig=31 arch=c000003e syscall=12 …`.
package struct AuditRecord: Equatable, Sendable {
  package var pid: Int32
  /// Seconds since 1970.
  package var seconds: Int64
  /// AUDIT_ARCH_*, which libseccomp has for its architectures too.
  package var architecture: UInt32
  package var call: Int32

  package init?(_ line: ByteString) {
    let words = line.split(on: 0x20)
    func value(_ name: ByteString) -> ByteString? {
      words.first { $0.hasPrefix(name) }.map { $0.dropFirst(name.count) }
    }
    guard value("type=") == "1326", value("sig=") == "31",
      let seconds = value("audit(")?.cut(at: UInt8(ascii: "."))?.before.signedDecimal,
      let pid = value("pid=")?.unsignedDecimal.flatMap({ Int32(exactly: $0) }),
      let call = value("syscall=")?.unsignedDecimal.flatMap({ Int32(exactly: $0) }),
      let architecture = value("arch=").flatMap({ AuditRecord.hexadecimal($0) })
    else { return nil }
    self.pid = pid
    self.seconds = seconds
    self.architecture = architecture
    self.call = call
  }

  private static func hexadecimal(_ text: ByteString) -> UInt32? {
    guard !text.isEmpty, text.count <= 8 else { return nil }
    var value: UInt32 = 0
    for byte in text.bytes {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: return nil
      }
    }
    return value
  }

  /// `mkdir`; `number 999` for one that libseccomp does not know.
  package var name: ByteString {
    CallNames.name(call, architecture) ?? "number " + ByteString(decimal: call)
  }
}

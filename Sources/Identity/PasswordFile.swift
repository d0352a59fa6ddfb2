package import Bytes

/// A line of passwd(5), the file itself: no library, whose name services would load code at run time.
package struct PasswordEntry {
  private let fields: [ArraySlice<UInt8>]

  /// The first line whose third field is `user` in plain decimal digits and that has `least` fields.
  /// Names are not looked at: one that is a number is no user id (CVE-2016-3697).
  @inline(never)
  package static func find(user: UInt32, in text: [UInt8], fields least: Int = 4) -> PasswordEntry?
  {
    let id = ByteString(decimal: user)
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      if fields.count >= least, fields[2].elementsEqual(id.bytes) {
        return PasswordEntry(fields: fields)
      }
    }
    return nil
  }

  package var name: ByteString { ByteString(fields[0]) }

  package var group: UInt32? {
    ByteString(fields[3]).unsignedDecimal.flatMap { UInt32(exactly: $0) }
  }

  /// nil where it is relative or broken.
  var home: ByteString? {
    guard fields.count > 5, fields[5].first == UInt8(ascii: "/"), !fields[5].contains(0) else {
      return nil
    }
    return ByteString(fields[5])
  }
}

import Bytes
import Linux

/// Standard output as people see it.
enum Screen {
  static var isTerminal: Bool { Terminal.isTerminal(.standardOutput) }

  /// Characters in a line; nil where nobody looks.
  static var columns: Int? {
    do throws(SyscallError) {
      let columns = Int(try Terminal.size(of: .standardOutput).columns)
      return columns > 0 ? max(columns, 40) : nil
    } catch {
      return nil
    }
  }

  /// In colour on a terminal, unless NO_COLOR says otherwise (no-color.org).
  static func painted(_ text: ByteString, _ colour: Colour) -> ByteString {
    let refusal = ProcessArguments.variable("NO_COLOR") ?? ""
    guard refusal.isEmpty, isTerminal, ProcessArguments.variable("TERM") != "dumb" else {
      return text
    }
    let escape = ByteString([0x1b, UInt8(ascii: "[")])
    return escape + ByteString(decimal: colour.rawValue) + "m" + text + escape + "0m"
  }

  /// Foregrounds of ECMA-48.
  enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33
  }
}

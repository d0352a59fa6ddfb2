/// Classic BPF as the kernel runs it over a `struct seccomp_data`: what a program answers.
struct Interpreter {
  struct Call: Equatable {
    var number: UInt32
    var architecture: UInt32
    var arguments: [UInt64] = []

    /// `struct seccomp_data`: nr, arch, instruction pointer, six arguments.
    func word(at offset: UInt32) -> UInt32? {
      switch offset {
      case 0: return number
      case 4: return architecture
      case 8, 12: return 0
      case 16..<64 where offset % 4 == 0:
        let index = Int(offset - 16) / 8
        let value = index < arguments.count ? arguments[index] : 0
        return UInt32(truncatingIfNeeded: offset % 8 == 0 ? value : value >> 32)
      default: return nil
      }
    }
  }

  private let program: [(code: UInt16, onTrue: Int, onFalse: Int, k: UInt32)]

  init(_ bytes: [UInt8]) {
    program = stride(from: 0, to: bytes.count - 7, by: 8).map { at in
      let code = UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
      let k = bytes[(at + 4)..<(at + 8)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return (code, Int(bytes[at + 2]), Int(bytes[at + 3]), k)
    }
  }

  /// The action, nil for a program that the kernel would not take.
  func run(_ call: Call) -> UInt32? {
    var accumulator: UInt32 = 0
    var memory = [UInt32](repeating: 0, count: 16)
    var at = 0
    while at < program.count {
      let (code, onTrue, onFalse, k) = program[at]
      at += 1
      switch code {
      case 0x00: accumulator = k
      case 0x20:
        guard let word = call.word(at: k) else { return nil }
        accumulator = word
      case 0x02: memory[Int(k)] = accumulator
      case 0x60: accumulator = memory[Int(k)]
      case 0x54: accumulator &= k
      case 0x05: at += Int(k)
      case 0x15: at += accumulator == k ? onTrue : onFalse
      case 0x25: at += accumulator > k ? onTrue : onFalse
      case 0x35: at += accumulator >= k ? onTrue : onFalse
      case 0x45: at += accumulator & k != 0 ? onTrue : onFalse
      case 0x06: return k
      default: return nil
      }
    }
    return nil
  }
}

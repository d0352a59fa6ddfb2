import Linux

/// Writes the few instructions that a device program is made of, with jumps to labels.
struct Assembler {
  /// Where `loadRequest` puts what the program is asked.
  enum Register: UInt8 {
    case kind = 2
    case access = 3
    case major = 4
    case minor = 5
  }

  /// BPF_JMP32 with an immediate: it compares 32 bits, so that 0xffffffff is not negative.
  enum Condition: UInt8 {
    case equal = 0x16
    case notEqual = 0x56
    case anyBit = 0x46
  }

  private var code: [BPFInstruction] = []
  /// Which instruction jumps to which label.
  private var jumps: [(from: Int, label: Int)] = []
  private var places: [(label: Int, at: Int)] = []

  /// The context of the program: u32 access_type (type in the low half), u32 major, u32 minor.
  mutating func loadRequest() {
    code.append(load(.kind, at: 0))
    // w3 = w2; w3 >>= 16; w2 &= 0xffff
    code.append(BPFInstruction(0xbc, target: Register.access.rawValue, source: 2))
    code.append(BPFInstruction(0x74, target: Register.access.rawValue, immediate: 16))
    code.append(BPFInstruction(0x54, target: Register.kind.rawValue, immediate: 0xffff))
    code.append(load(.major, at: 4))
    code.append(load(.minor, at: 8))
  }

  private func load(_ register: Register, at offset: Int16) -> BPFInstruction {
    BPFInstruction(0x61, target: register.rawValue, source: 1, offset: offset)
  }

  mutating func jump(
    _ condition: Condition, _ register: Register, _ value: UInt32, to label: Int
  ) {
    jumps.append((code.count, label))
    code.append(
      BPFInstruction(
        condition.rawValue, target: register.rawValue, immediate: Int32(bitPattern: value)))
  }

  mutating func jump(to label: Int) {
    jumps.append((code.count, label))
    code.append(BPFInstruction(0x05))
  }

  /// Clears these bits of the requested access.
  mutating func takeOff(_ bits: UInt32) {
    code.append(
      BPFInstruction(
        0x54, target: Register.access.rawValue, immediate: Int32(bitPattern: ~bits)))
  }

  /// The two ends, as far as anything leads to them: the kernel refuses a program with dead code.
  mutating func finish(denied: Int, granted: Int) {
    let last = code.last
    if last?.code != 0x05 || jumps.contains(where: { $0.label == denied }) {
      place(denied)
      exit(0)
    }
    if jumps.contains(where: { $0.label == granted }) {
      place(granted)
      exit(1)
    }
  }

  private mutating func exit(_ answer: Int32) {
    code.append(BPFInstruction(0xb4, target: 0, immediate: answer))
    code.append(BPFInstruction(0x95))
  }

  /// The label marks the next instruction.
  mutating func place(_ label: Int) { places.append((label, code.count)) }

  /// The program with its jumps; `labels` is how many labels there are.
  func resolved(labels: Int) -> [BPFInstruction] {
    var targets = [Int](repeating: 0, count: labels)
    for place in places { targets[place.label] = place.at }
    var program = code
    for jump in jumps {
      let old = program[jump.from]
      program[jump.from] = BPFInstruction(
        old.code, target: old.target,
        offset: Int16(truncatingIfNeeded: targets[jump.label] - jump.from - 1),
        immediate: old.immediate)
    }
    return program
  }
}

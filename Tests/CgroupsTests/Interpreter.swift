import Linux

@testable import Cgroups

/// Runs a device program as the kernel would, by the instruction set's own description, so that the
/// assembler's idea of an encoding is not checked against itself.
enum Interpreter {
  struct Request: Equatable {
    var kind: UInt32
    var access: UInt32
    var major: UInt32
    var minor: UInt32
  }

  /// nil where the kernel would refuse the program: it falls off its end or jumps out of it.
  static func run(_ program: [BPFInstruction], _ request: Request) -> UInt32? {
    var registers = [UInt64](repeating: 0xdead_beef_dead_beef, count: 11)
    let context = [request.kind | request.access << 16, request.major, request.minor]
    var at = 0
    while program.indices.contains(at) {
      let step = program[at]
      at += 1
      let target = Int(step.target)
      let low = UInt32(truncatingIfNeeded: registers[target])
      let immediate = UInt32(bitPattern: step.immediate)
      switch step.code {
      case 0x61: registers[target] = UInt64(context[Int(step.offset) / 4])
      case 0xbc: registers[target] = registers[Int(step.source)] & 0xffff_ffff
      case 0xb4: registers[target] = UInt64(immediate)
      case 0x54: registers[target] = UInt64(low & immediate)
      case 0x74: registers[target] = UInt64(low >> immediate)
      case 0x05: at += Int(step.offset)
      case 0x16: if low == immediate { at += Int(step.offset) }
      case 0x56: if low != immediate { at += Int(step.offset) }
      case 0x46: if low & immediate != 0 { at += Int(step.offset) }
      case 0x95: return UInt32(truncatingIfNeeded: registers[0])
      default: return nil
      }
    }
    return nil
  }

  /// The instructions that nothing leads to; the kernel refuses a program with any.
  static func unreachable(_ program: [BPFInstruction]) -> [Int] {
    var seen = Set<Int>()
    var open = [0]
    while let at = open.popLast() {
      guard program.indices.contains(at), seen.insert(at).inserted else { continue }
      let step = program[at]
      if step.code == 0x95 { continue }
      if step.code != 0x05 { open.append(at + 1) }
      if step.code == 0x05 || step.code & 7 == 6 { open.append(at + 1 + Int(step.offset)) }
    }
    return program.indices.filter { !seen.contains($0) }
  }
}

/// What the rules mean, said once more and as plainly as can be: each access of the request is
/// decided by the last rule about the device and that access.
func reference(_ rules: [DeviceRule], _ request: Interpreter.Request) -> Bool {
  var left = request.access
  for rule in rules.reversed() {
    switch rule.kind {
    case .any: break
    case .block: if request.kind != 1 { continue }
    case .character: if request.kind != 2 { continue }
    }
    if let major = rule.major, major != request.major { continue }
    if let minor = rule.minor, minor != request.minor { continue }
    if rule.allow {
      left &= ~rule.access.rawValue
      if left == 0 { return true }
    } else if rule.access == .all || left & rule.access.rawValue != 0 {
      return false
    }
  }
  return false
}

/// An extended regular expression (regex(7)), for ids: without classes of a locale and without references back. All
/// ways through it are followed at once, so that no expression takes longer than its length times the text's.
package struct RegularExpression {
  private enum Step {
    /// One byte that is in the set.
    case byte(ByteSet)
    /// Goes on at both places, relative to this one.
    case split(Int, Int)
    case begin
    case end
  }

  private var steps: [Step] = []
  private let pattern: ByteString
  private var at = 0

  /// Steps: an expression that counts to 255 a few times is meant by nobody.
  private static var limit: Int { 4096 }

  /// nil if it is not well-formed.
  package init?(_ pattern: ByteString) {
    self.pattern = pattern
    guard parseAlternatives(), at == pattern.count, steps.count <= RegularExpression.limit else {
      return nil
    }
  }

  /// Whether some part of `text` matches.
  package func matches(_ text: ByteString) -> Bool {
    var current = [Int]()
    var isIn = [Bool](repeating: false, count: steps.count + 1)
    for position in 0...text.count {
      follow(0, position, text, &current, &isIn)
      if isIn[steps.count] { return true }
      guard position < text.count else { return false }
      let byte = text[position]
      var next = [Int]()
      isIn = [Bool](repeating: false, count: steps.count + 1)
      for place in current {
        if case .byte(let set) = steps[place], set.contains(byte) {
          follow(place + 1, position + 1, text, &next, &isIn)
        }
      }
      current = next
    }
    return false
  }

  /// Notes every place that is reached without a byte.
  private func follow(
    _ place: Int, _ position: Int, _ text: ByteString, _ places: inout [Int], _ isIn: inout [Bool]
  ) {
    var open = [place]
    while let place = open.popLast() {
      if isIn[place] { continue }
      isIn[place] = true
      guard place < steps.count else { continue }
      switch steps[place] {
      case .byte: places.append(place)
      case .split(let first, let second): open += [place + first, place + second]
      case .begin: if position == 0 { open.append(place + 1) }
      case .end: if position == text.count { open.append(place + 1) }
      }
    }
  }
}

/// Each function reads one thing of the expression; false if it is not well-formed.
extension RegularExpression {
  private var next: UInt8? { at < pattern.count ? pattern[at] : nil }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    at += 1
    return true
  }

  private mutating func parseAlternatives() -> Bool {
    let start = steps.count
    while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      guard parsePiece() else { return false }
    }
    guard take("|") else { return true }
    steps.insert(.split(1, steps.count - start + 2), at: start)
    let skip = steps.count
    steps.append(.begin)
    guard parseAlternatives() else { return false }
    steps[skip] = .split(steps.count - skip, steps.count - skip)
    return true
  }

  private mutating func parsePiece() -> Bool {
    let start = steps.count
    guard parseAtom() else { return false }
    while let byte = next {
      switch byte {
      case UInt8(ascii: "*"): repeatFrom(start, 0, nil)
      case UInt8(ascii: "+"): repeatFrom(start, 1, nil)
      case UInt8(ascii: "?"): repeatFrom(start, 0, 1)
      case UInt8(ascii: "{"):
        guard let close = pattern.bytes[at...].firstIndex(of: UInt8(ascii: "}")),
          let (least, most) = bounds(ByteString(pattern.bytes[(at + 1)..<close]))
        else { return false }
        repeatFrom(start, least, most)
        at = close
      default: return true
      }
      at += 1
      guard steps.count <= RegularExpression.limit else { return false }
    }
    return true
  }

  /// `3`, `3,` or `3,5`, each at most 255.
  private func bounds(_ text: ByteString) -> (Int, Int?)? {
    let (first, second) = text.cut(at: UInt8(ascii: ",")) ?? (text, text)
    guard let least = first.unsignedDecimal, least <= 255 else { return nil }
    if second.isEmpty { return (Int(least), nil) }
    guard let most = second.unsignedDecimal, most <= 255, least <= most else { return nil }
    return (Int(least), Int(most))
  }

  /// What stands from `start` on, as often as that; a `most` of nil is without end.
  private mutating func repeatFrom(_ start: Int, _ least: Int, _ most: Int?) {
    let piece = Array(steps[start...])
    steps.removeLast(piece.count)
    guard (max(least, most ?? 0) + 1) * (piece.count + 2) <= RegularExpression.limit else {
      // Refused by its length.
      steps += [Step](repeating: .begin, count: RegularExpression.limit + 1)
      return
    }
    for _ in 0..<least { steps += piece }
    guard let most else {
      steps.append(.split(1, piece.count + 2))
      steps += piece
      steps.append(.split(-piece.count - 1, -piece.count - 1))
      return
    }
    for _ in least..<most {
      steps.append(.split(1, piece.count + 1))
      steps += piece
    }
  }

  private mutating func parseAtom() -> Bool {
    guard let byte = next else { return false }
    at += 1
    switch byte {
    case UInt8(ascii: "("): return parseAlternatives() && take(")")
    case UInt8(ascii: "["): return parseBracket()
    case UInt8(ascii: "^"): steps.append(.begin)
    case UInt8(ascii: "$"): steps.append(.end)
    case UInt8(ascii: "."): steps.append(.byte(ByteSet().inverted))
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"): return false
    case UInt8(ascii: "\\"):
      guard let escaped = next, !ByteSet.digits.contains(escaped) else { return false }
      at += 1
      steps.append(.byte(ByteSet(escape: escaped)))
    default: steps.append(.byte(ByteSet(byte...byte)))
    }
    return true
  }

  /// What stands behind `[`. A `]` that comes first is one of the bytes, and so is a `-` at an end.
  private mutating func parseBracket() -> Bool {
    var set = ByteSet()
    let isInverted = take("^")
    var isFirst = true
    while let byte = next, isFirst || byte != UInt8(ascii: "]") {
      isFirst = false
      at += 1
      if byte == UInt8(ascii: "["), let kind = next, kind == UInt8(ascii: ":") {
        guard let close = pattern.bytes[(at + 1)...].firstIndex(of: kind),
          let named = ByteSet(class: ByteString(pattern.bytes[(at + 1)..<close]))
        else { return false }
        at = close + 1
        guard take("]") else { return false }
        set.formUnion(named)
        continue
      }
      var last = byte
      if next == UInt8(ascii: "-"), at + 1 < pattern.count, pattern[at + 1] != UInt8(ascii: "]") {
        last = pattern[at + 1]
        at += 2
      }
      guard byte <= last else { return false }
      set.formUnion(ByteSet(byte...last))
    }
    steps.append(.byte(isInverted ? set.inverted : set))
    return take("]")
  }
}

private struct ByteSet {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  static var digits: ByteSet { ByteSet(0x30...0x39) }

  init() {}

  init(_ range: ClosedRange<UInt8>) {
    for byte in range { insert(byte) }
  }

  /// `\w`, `\d`, `\s` and what they exclude; any other byte stands for itself.
  init(escape byte: UInt8) {
    let names: [(Unicode.Scalar, ByteString)] = [("d", "digit"), ("s", "space"), ("w", "word")]
    for (letter, name) in names where byte | 0x20 == UInt8(ascii: letter) {
      guard let set = ByteSet(class: name) else { continue }
      self = byte & 0x20 == 0 ? set.inverted : set
      return
    }
    self.init(byte...byte)
  }

  init?(class name: ByteString) {
    let ranges: StaticString
    switch name {
    case "alnum": ranges = "09AZaz"
    case "alpha": ranges = "AZaz"
    case "digit": ranges = "09"
    case "lower": ranges = "az"
    case "punct": ranges = "!/:@[`{~"
    case "space": ranges = "\t\r  "
    case "upper": ranges = "AZ"
    case "word": ranges = "09AZaz__"
    case "xdigit": ranges = "09AFaf"
    default: return nil
    }
    let bounds = ByteString(stringLiteral: ranges)
    self.init()
    for index in stride(from: 0, to: bounds.count, by: 2) {
      formUnion(ByteSet(bounds[index]...bounds[index + 1]))
    }
  }

  mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  var inverted: ByteSet {
    var result = ByteSet()
    result.words = (~words.0, ~words.1, ~words.2, ~words.3)
    return result
  }

  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word >> UInt64(byte & 63) & 1 == 1
  }
}

// The standard library's sort is compiled anew for each type and each order, two kilobytes at a time. This one
// sorts numbers of places, and is compiled once.

extension Array {
  /// In the order of `precedes`; what is equal stays in its order.
  package func sorted(by precedes: (Element, Element) -> Bool) -> [Element] {
    places(count) { precedes(self[$0], self[$1]) }.map { self[$0] }
  }
}

extension Array where Element: Comparable {
  package func sorted() -> [Element] { sorted { $0 < $1 } }
}

extension ByteString {
  /// Whether its bytes come before those of `other`, as numbers.
  @inline(never)
  package func precedes(_ other: ByteString) -> Bool {
    bytes.lexicographicallyPrecedes(other.bytes)
  }
}

/// The numbers below `count` in the order of `precedes`: runs of one are merged until there is one run.
@inline(never)
private func places(_ count: Int, _ precedes: (Int, Int) -> Bool) -> [Int] {
  var order = Array(0..<count)
  var merged = order
  var length = 1
  while length < count {
    var start = 0
    while start < count {
      let middle = min(start + length, count)
      let end = min(middle + length, count)
      var (left, right) = (start, middle)
      for place in start..<end {
        if left < middle, right == end || !precedes(order[right], order[left]) {
          merged[place] = order[left]
          left += 1
        } else {
          merged[place] = order[right]
          right += 1
        }
      }
      start = end
    }
    (order, merged) = (merged, order)
    length *= 2
  }
  return order
}

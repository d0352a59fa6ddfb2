extension ByteString {
  /// The word of `words` that was probably meant; nil if none is similar.
  package func nearest(among words: [ByteString]) -> ByteString? {
    let own = lowercased
    guard !own.isEmpty, own.count <= 64 else { return nil }
    var best: (word: ByteString, distance: Int)?
    for word in words where !word.isEmpty && word.count <= 64 {
      let other = word.lowercased
      var distance = own.distance(to: other)
      // `net` for `network`.
      if own.count >= 3, other.hasPrefix(own) || own.hasPrefix(other) && other.count >= 3 {
        distance = min(distance, 2)
      } else if distance > own.mostSlips(to: other) {
        continue
      }
      if distance < best?.distance ?? .max { best = (word, distance) }
    }
    guard let best, best.distance < own.count || own.count < 3 else { return nil }
    return best.word
  }

  /// In a short word a typing error leaves little of it: `nope` is not meant for `home`, nor `cd` for `id`.
  private func mostSlips(to other: ByteString) -> Int {
    if count >= 8 { return max(2, count / 4) }
    if count >= 5 { return 2 }
    if self[0] != other[0] { return count < 4 ? 0 : 1 }
    return count >= 3 && isContained(in: other) ? 2 : 1
  }

  /// `mnt` in `mount`: all letters, in their order.
  private func isContained(in other: ByteString) -> Bool {
    var rest = bytes
    for byte in other.bytes where byte == rest.first { rest = rest.dropFirst() }
    return rest.isEmpty
  }

  /// How many bytes to insert, drop, replace or swap with their neighbour.
  private func distance(to other: ByteString) -> Int {
    var older = [Int](repeating: 0, count: other.count + 1)
    var old = Array(0...other.count)
    for row in 0..<count {
      var new = [row + 1]
      for column in 0..<other.count {
        let same = self[row] == other[column]
        var least = min(old[column] + (same ? 0 : 1), old[column + 1] + 1, new[column] + 1)
        if row > 0, column > 0, self[row] == other[column - 1], self[row - 1] == other[column] {
          least = min(least, older[column - 1] + 1)
        }
        new.append(least)
      }
      older = old
      old = new
    }
    return old[other.count]
  }
}

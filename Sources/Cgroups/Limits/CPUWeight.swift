/// `cpu.shares` of cgroup v1 as `cpu.weight` (RS-9).
///
/// The curve runs through (2, 1), (1024, 100) and (262144, 10000), so that the default of one is the
/// default of the other: with l = log2(shares), the weight is ceil(10^((l² + 125 l) / 612 − 7 / 34)).
enum CPUWeight {
  static func weight(shares: UInt64) -> UInt64 {
    if shares <= 2 { return 1 }
    if shares >= 262_144 { return 10_000 }
    let l = logarithm2(Double(shares))
    let exact = power10((l * l + 125 * l) / 612 - 7.0 / 34.0)
    // Exactly an integer at 1024, where rounding may lift it; else never within 1e-6 of one.
    let lower = UInt64(exact - 1e-9)
    return lower + 1
  }

  // Both of these are a libm away, but the release links no mathematics beside this.

  private static func logarithm2(_ x: Double) -> Double {
    // ln(m) = 2 artanh((m - 1) / (m + 1)), for 1 ≤ m < 2.
    let m = x.significand
    let z = (m - 1) / (m + 1)
    var term = z
    var sum = 0.0
    for k in 0..<20 {
      sum += term / Double(2 * k + 1)
      term *= z * z
    }
    let ln2 = 0.693_147_180_559_945_309_4
    return Double(x.exponent) + 2 * sum / ln2
  }

  /// For 0 ≤ x < 5.
  private static func power10(_ x: Double) -> Double {
    let whole = Int(x)
    var result = 1.0
    for _ in 0..<whole { result *= 10 }
    let exponent = (x - Double(whole)) * 2.302_585_092_994_045_684_0
    var term = 1.0
    var sum = 0.0
    for k in 1..<40 {
      sum += term
      term *= exponent / Double(k)
    }
    return result * sum
  }
}

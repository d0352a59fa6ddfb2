import CShim

/// Clocks and pauses (clock_gettime(2)).
package enum Clock {
  /// Seconds and nanoseconds since 1970, UTC.
  package static var realTime: (seconds: Int64, nanoseconds: Int64) { read(0) }

  /// Nanoseconds since some fixed point; never goes back.
  package static var monotonicNanoseconds: Int64 {
    let (seconds, nanoseconds) = read(1)
    return seconds &* 1_000_000_000 &+ nanoseconds
  }

  private static func read(_ clock: Int32) -> (seconds: Int64, nanoseconds: Int64) {
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    // Fails only for a clock that does not exist.
    _ = unsafe apus_clock(clock, &seconds, &nanoseconds)
    return (seconds, nanoseconds)
  }

  /// Sleeps (nanosleep(2)); a signal ends the sleep early.
  package static func sleep(microseconds: Int64) { _ = apus_sleep(microseconds * 1000) }

  /// Sleeps (nanosleep(2)); a signal ends the sleep early.
  package static func sleep(milliseconds: Int64) { _ = apus_sleep(milliseconds * 1_000_000) }
}

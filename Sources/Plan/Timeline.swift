package import Bytes

/// Both halves of a plan in order of time: the host's steps, and init's with what the parent does for it
/// meanwhile.
package enum TimedStep: Equatable, Sendable {
  case host(HostStep)
  /// With its number.
  case inner(Int, InitStep)

  package static func all(_ host: HostOrder, _ steps: [InitStep]) -> [TimedStep] {
    var all: [TimedStep] = host.before.map { .host($0) }
    if host.atMaps.isEmpty { all += host.meanwhile.map { .host($0) } }
    for (index, step) in steps.enumerated() {
      all.append(.inner(index + 1, step))
      all += host.served(during: step).map { .host(.serve($0)) }
      if step == .sync(.idMaps) { all += host.meanwhile.map { .host($0) } }
    }
    return all + host.after.map { .host($0) }
  }
}

extension HostStep {
  /// `host looks: open the root [/root/path]`.
  package var line: ByteString {
    ("host " + effect + ": " + title).pointing(to: pointer)
  }
}

extension ByteString {
  /// A line of a plan with its place in the configuration at the end, if it has one.
  consuming func pointing(to pointer: ByteString) -> ByteString {
    pointer.isEmpty ? self : self + " [" + pointer + "]"
  }
}

package import Bytes

/// The `hooks` object (runtime-spec, config.md, "POSIX-platform Hooks").
package struct HooksSection: Equatable, Sendable {
  package var prestart: [Hook]
  package var createRuntime: [Hook]
  package var createContainer: [Hook]
  package var startContainer: [Hook]
  package var poststart: [Hook]
  package var poststop: [Hook]

  package init(
    prestart: [Hook] = [],
    createRuntime: [Hook] = [],
    createContainer: [Hook] = [],
    startContainer: [Hook] = [],
    poststart: [Hook] = [],
    poststop: [Hook] = []
  ) {
    self.prestart = prestart
    self.createRuntime = createRuntime
    self.createContainer = createContainer
    self.startContainer = startContainer
    self.poststart = poststart
    self.poststop = poststop
  }
}

package struct Hook: Equatable, Sendable {
  package var path: ByteString
  /// Absent means the path alone (HK-2).
  package var args: [ByteString]?
  /// Absent and empty differ (HK-3).
  package var env: [ByteString]?
  /// In seconds.
  package var timeout: Int64?

  package init(
    path: ByteString,
    args: [ByteString]? = nil,
    env: [ByteString]? = nil,
    timeout: Int64? = nil
  ) {
    self.path = path
    self.args = args
    self.env = env
    self.timeout = timeout
  }
}

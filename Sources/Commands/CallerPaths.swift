package import Bytes
import Linux
import Report

extension Command {
  /// Every path of the host that the command was given.
  package var callerPaths: [ByteString] {
    switch self {
    case .create(let options): options.callerPaths
    case .run(let options): options.create.callerPaths
    case .exec(let options):
      [options.process, options.pidFile, options.consoleSocket, options.pidfdSocket].compactMap {
        $0
      }
    case .debug(let options): [options.tools].compactMap { $0 }
    case .checkpoint(let options): options.images.callerPaths
    case .restore(let options): options.create.callerPaths + options.images.callerPaths
    default: []
    }
  }
}

extension CreateOptions {
  /// With a bundle that later commands find.
  var resolved: CreateOptions {
    get throws(SyscallError) {
      let place = try CallerPath.resolved(bundle)
      if place == bundle { return self }
      var options = self
      if config.hasPrefix(bundle + "/") { options.config = place + config.dropFirst(bundle.count) }
      options.bundle = place
      return options
    }
  }

  fileprivate var callerPaths: [ByteString] {
    [bundle, config] + [pidFile, consoleSocket, pidfdSocket].compactMap { $0 }
  }
}

extension ImageOptions {
  fileprivate var callerPaths: [ByteString] { [images] + [work].compactMap { $0 } }
}

extension GlobalOptions {
  package var callerPaths: [ByteString] {
    var paths = [root].compactMap { $0 }
    if case .file(let path) = log { paths.append(path) }
    if let trace { paths.append(trace.path) }
    return paths
  }
}

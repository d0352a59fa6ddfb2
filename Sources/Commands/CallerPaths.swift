package import Bytes
import Linux
import Report

extension Command {
  /// Every path of the host that the command was given, of those that `needsProtection` names.
  package var callerPaths: [ByteString] {
    switch self {
    case .create(let options): options.callerPaths
    case .run(let options): options.create.callerPaths + [options.profile].compactMap { $0 }
    case .exec(let options): options.callerPaths
    case .debug(let options): options.exec.callerPaths + [options.tools].compactMap { $0 }
    case .restore(let options): options.create.callerPaths + options.images.callerPaths
    case .mounts(let options): [options.file].compactMap { $0 }
    // What these are given stays open: they start nothing.
    case .start, .state, .list, .kill, .delete, .pause, .resume, .trace, .ps, .spec, .features,
      .update, .events, .inspect, .gc, .doctor, .check, .plan, .explain, .seccomp, .report,
      .checkpoint:
      []
    }
  }
}

extension CreateOptions {
  /// With a bundle that later commands find, and a root that another mount namespace has.
  var resolved: CreateOptions {
    get throws(SyscallError) {
      var options = self
      if let root = changes.rootfs { options.changes.rootfs = try CallerPath.resolved(root) }
      let place = try CallerPath.resolved(bundle)
      if place == bundle { return options }
      if config.hasPrefix(bundle + "/") { options.config = place + config.dropFirst(bundle.count) }
      options.bundle = place
      return options
    }
  }

  fileprivate var callerPaths: [ByteString] {
    [bundle, config] + [pidFile, consoleSocket, pidfdSocket, changes.rootfs].compactMap { $0 }
  }
}

extension ExecOptions {
  fileprivate var callerPaths: [ByteString] {
    [process, pidFile, consoleSocket, pidfdSocket].compactMap { $0 }
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

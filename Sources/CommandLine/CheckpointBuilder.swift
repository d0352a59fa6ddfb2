import Bytes
import Commands

extension CommandBuilder {
  /// What `checkpoint` and `restore` share.
  func images(_ name: CommandName) throws(ArgumentError) -> ImageOptions {
    guard let path = matches.text(.imagePath) ?? HostPath.absolute("checkpoint", from: directory)
    else {
      throw ArgumentError(
        message: "the working directory cannot be determined: use `--image-path`")
    }
    var options = ImageOptions(images: path)
    options.work = matches.text(.workPath)
    options.flags = matches.flags(name.spec.options)
    options.cgroupMode = matches.text(.manageCgroupsMode)
    options.networkLock = matches.text(.networkLock)
    if name == .restore {
      options.lsmProfile = matches.text(.lsmProfile)
      options.lsmMountContext = matches.text(.lsmMountContext)
      return options
    }
    if let parent = matches.text(.parentPath), !parent.isEmpty {
      if parent.hasPrefix("/") {
        throw ArgumentError(
          message: "option `--parent-path`: " + quoted(parent)
            + " is not relative to --image-path")
      }
      options.parent = parent
    }
    options.pageServer = matches.text(.pageServer)
    options.statusDescriptor = matches.number(.statusFd).flatMap { Int32(exactly: $0) }
    return options
  }

  func restore() throws(ArgumentError) -> RestoreOptions {
    let (bundle, config) = try bundleFile(nil)
    var create = CreateOptions(id: id, bundle: bundle, config: config)
    create.consoleSocket = matches.text(.consoleSocket)
    create.pidFile = matches.text(.pidFile)
    create.noPivot = matches.isOn(.noPivot)
    create.noNewKeyring = matches.isOn(.noNewKeyring)
    create.preserveFds = preserveFds
    var options = RestoreOptions(create: create, images: try images(.restore))
    options.detach = matches.isOn(.detach)
    options.noSubreaper = matches.isOn(.noSubreaper)
    return options
  }
}

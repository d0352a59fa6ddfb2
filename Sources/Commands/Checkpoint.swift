import Bytes
import CRIU
import Container
import Linux
import Plan
import Report

/// `checkpoint`: a container's processes into files, through criu.
enum Checkpoint {
  static func perform(_ options: CheckpointOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    if context.host.effectiveUserID != 0 {
      throw CommandFailure("checkpoint needs root: criu cannot dump a container without it")
    }
    let request = try options.images.request
    let executor = ControlExecutor(.checkpoint(request), id: options.id, context)
    try executor.perform()
    if executor.obstacles.isEmpty { return 0 }
    try Output.write(Array((executor.obstacles.joined(by: "\n") + "\n").bytes))
    throw CommandFailure(
      "the container cannot be checkpointed: "
        + ByteString(decimal: UInt64(executor.obstacles.count)) + " things stand in the way")
  }
}

extension ImageOptions {
  /// In the words of who performs it.
  var request: ImageRequest {
    get throws(CommandFailure) {
      var request = ImageRequest(images: images)
      request.work = work
      request.parent = parent
      request.cgroupMode = CRIUCgroupMode(cgroupMode)
      request.networkLock = CRIUNetworkLock(networkLock)
      request.statusDescriptor = statusDescriptor
      request.lsmProfile = lsmProfile
      request.lsmMountContext = lsmMountContext
      for flag in flags { request.flags.insert(CRIUFlags.named(flag)) }
      request.isPreDump = flags.contains("pre-dump")
      request.isCheck = flags.contains("check")
      if let pageServer { request.pageServer = try server(pageServer) }
      if request.flags.contains(.lazyPages), let number = statusDescriptor {
        try checkWritable(number)
      }
      return request
    }
  }

  private func checkWritable(_ number: Int32) throws(CommandFailure) {
    do throws(SyscallError) {
      if try Handle(raw: number).isWritable() { return }
    } catch {}
    throw CommandFailure(
      "--status-fd: " + ByteString(decimal: number) + " is not a descriptor open for writing")
  }

  private func server(_ text: ByteString) throws(CommandFailure) -> CRIUPageServer {
    let colon = text.bytes.lastIndex(of: UInt8(ascii: ":"))
    guard let colon, let port = text.dropFirst(colon + 1).unsignedDecimal, port > 0, port < 65536
    else {
      throw CommandFailure("option `--page-server`: " + quoted(text) + " is not ADDRESS:PORT")
    }
    return CRIUPageServer(address: text.prefix(colon), port: Int32(port))
  }
}

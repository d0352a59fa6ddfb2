import Bytes
import Container
import Diagnosis
import JSON
import Linux
import OCISpec
import Plan
import Report

/// `update`: new limits for a container that exists, all of them or none.
enum Update {
  static func perform(_ options: UpdateOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let document = try Document(options)
    let change = if let document { try document.resources() } else { try fromOptions(options) }
    var texts = ControlExecutor.Texts()
    if let document { texts.limits = { document.failure($0) } }
    let schemata = (cache: options.l3CacheSchema, bandwidth: options.memoryBandwidthSchema)
    let order = ControlOrder.update(
      change, schemata: schemata.cache != nil || schemata.bandwidth != nil)
    let executor = ControlExecutor(order, id: options.id, context, texts: texts)
    executor.schemata = schemata
    try executor.perform()
    if change == Resources(), schemata.cache == nil, schemata.bandwidth == nil {
      context.log.warning(
        document == nil
          ? "nothing was asked for: `apus help update` lists the limits"
          : "resources: no limit in it; it is the object that `resources` is, as {\"memory\": ...}")
    }
    return 0
  }

  /// The resources object that was handed in.
  private struct Document {
    let text: [UInt8]
    let file: ByteString

    /// nil where the options say it all.
    init?(_ options: UpdateOptions) throws(CommandFailure) {
      switch options.resources {
      case nil: return nil
      case .file(let path): (text, file) = (try BundleFile.read(path), path)
      case .standardInput: (text, file) = (try BundleFile.readStandardInput(), "standard input")
      }
    }

    func resources() throws(CommandFailure) -> Resources {
      do throws(ConfigError) { return try Resources.decode(text) } catch { throw failure(error) }
    }

    /// With the place in the document.
    func failure(_ error: ConfigError) -> CommandFailure {
      ConfigExplanation(text, file, .resources).failure(
        error, message: error.message(in: "resources"))
    }
  }

  private static func fromOptions(_ options: UpdateOptions) throws(CommandFailure) -> Resources {
    var resources = Resources()
    if options.memory != nil || options.memoryReservation != nil || options.memorySwap != nil {
      resources.memory = .init(
        limit: options.memory, reservation: options.memoryReservation, swap: options.memorySwap)
    }
    let cpu = Resources.CPU(
      shares: options.cpuShares, quota: options.cpuQuota, burst: options.cpuBurst,
      period: options.cpuPeriod, realtimeRuntime: options.cpuRealtimeRuntime,
      realtimePeriod: options.cpuRealtimePeriod, cpus: options.cpusetCpus,
      mems: options.cpusetMems, idle: options.cpuIdle)
    if cpu != Resources.CPU() { resources.cpu = cpu }
    resources.blockIO = options.blockIOWeight.map { .init(weight: $0) }
    resources.pids = options.pidsLimit.map { .init(limit: $0) }
    return resources
  }
}

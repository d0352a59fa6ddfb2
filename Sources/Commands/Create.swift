import Launch

/// `create`: the container with everything but its program running.
enum Create {
  static func perform(_ options: CreateOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let creation = try Creation.perform(options, context, isDetached: true, makesFIFOs: true)
    creation.release()
    return 0
  }
}

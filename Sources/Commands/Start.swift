import Container
import Plan
import Report

/// `start`: writes into the exec FIFO at which init waits, and returns when the program was executed.
enum Start {
  static func perform(_ options: StartOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    var texts = ControlExecutor.Texts()
    texts.explain = { container, failure in
      Explanation(container, context)?.explain(failure) ?? failure
    }
    try ControlExecutor(.start, id: options.id, context, texts: texts).perform()
    return 0
  }
}

import Bytes
import Container
import Diagnosis
import Linux
import Plan
import Report
import StateStore

/// `kill`: sends a signal to a container.
enum Kill {
  static func perform(_ options: KillOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    guard let number = SignalName.number(options.signal) else {
      throw CommandFailure("unknown signal " + quoted(options.signal)).diagnosed(
        Diagnosis(.containerState, hint: SignalName.hint(options.signal)))
    }
    let signal = Signal(rawValue: number)
    for id in try Matching.ids(options.id, isPattern: options.regex, context) {
      let container = try Container.require(id, context)
      let order = ControlOrder.kill(
        signal, all: options.all, ownsPidNamespace: container.record.ownsPidNamespace)
      try ControlExecutor(order, id: id, context, container: container).perform()
    }
    return 0
  }
}

package import Bytes
import Launch
import Linux
import Namespaces
import Plan
package import Report

/// `run --break`: steps of the plan before which the runtime stops, for a person to look.
package struct BreakPoints {
  /// Steps of init by their place in the order.
  let inner: [Int]
  private let texts: [ByteString]

  /// - Parameter texts: each the number of a step of init, the beginning of a title, or a pointer.
  package init(_ texts: [ByteString], _ executor: HostExecutor) throws(CommandFailure) {
    self.texts = texts
    var inner = [Int]()
    let steps = executor.launched.steps
    // Under a filter that notifies init may be unable to say that it has stopped.
    let last = steps.firstIndex { $0 == .program(.loadFilter) } ?? steps.count - 1
    for (index, step) in steps.enumerated() where index <= last {
      if texts.contains(where: { BreakPoints.matches($0, step.title, step.pointer, index + 1) }) {
        inner.append(index)
      }
    }
    self.inner = inner
    let order = executor.order
    var host = order.before + order.meanwhile + order.after
    for serves in [
      order.atMaps, order.atCloned, order.atEntered, order.atMounts, order.atListener,
      order.atReady,
    ] {
      host += serves.map { .serve($0) }
    }
    for text in texts {
      let isInner = inner.contains {
        BreakPoints.matches(text, steps[$0].title, steps[$0].pointer, $0 + 1)
      }
      if !isInner, !host.contains(where: { BreakPoints.matches(text, $0.title, $0.pointer, nil) }) {
        throw CommandFailure(
          "--break: no step has the number, the pointer or the beginning "
            + quoted(text) + ": `apus plan` lists them")
      }
    }
  }

  private static func matches(
    _ text: ByteString, _ title: ByteString, _ pointer: ByteString, _ number: Int?
  ) -> Bool {
    if text.hasPrefix("/") { return pointer == text || pointer.hasPrefix(text + "/") }
    if let wanted = text.unsignedDecimal { return number.map { UInt64($0) } == wanted }
    return !text.isEmpty && title.hasPrefix(text)
  }

  func contains(_ step: HostStep) -> Bool {
    texts.contains { BreakPoints.matches($0, step.title, step.pointer, nil) }
  }

  /// Says where everything stands, and waits.
  func stop(before title: ByteString, _ pointer: ByteString, by side: ByteString, _ child: Int32?)
    throws(SyscallError)
  {
    let own = ByteString(decimal: ThisProcess.id)
    var text = "stopped before a step of " + side + ": " + title
    if !pointer.isEmpty { text += " [" + pointer + "]" }
    text += "\n"
    if let child {
      let pid = ByteString(decimal: child)
      text += "  init is process " + pid + ", its root is /proc/" + pid + "/root\n"
      text += "  look:    nsenter --target " + pid + BreakPoints.namespaces(of: child) + " sh\n"
    } else {
      text += "  there is no init yet\n"
    }
    let isTerminal = Terminal.isTerminal(.standardInput)
    text += "  go on:   " + (isTerminal ? "Enter, or " : "") + "kill -CONT " + own + "\n"
    text += "  undo:    " + (isTerminal ? "Ctrl-C, or " : "") + "kill " + own + "\n"
    try Handle.standardError.writeAll(Array(text.bytes))
    try BreakPoints.wait(isTerminal)
  }

  /// For Enter, where a person types, or SIGCONT; EINTR for a signal that ends the command.
  private static func wait(_ isTerminal: Bool) throws(SyscallError) {
    let mask = Signals.bit(.goOn)
    // Blocked, it is kept for the descriptor although nothing is stopped.
    let before = try Signals.block(mask)
    defer {
      if before & mask == 0 { do throws(SyscallError) { try Signals.setMask(before) } catch {} }
    }
    let signals = SharedDescriptor(try Signals.descriptor(mask))
    var isOpen = isTerminal
    while true {
      var watched: [(Handle, Polling.Events)] = [(signals.handle, .input)]
      if isOpen { watched.append((.standardInput, .input)) }
      let events = try Polling.wait(watched, milliseconds: -1)
      if !events[0].isEmpty {
        _ = try Signals.next(signals.handle)
        return
      }
      if isOpen, !events[1].isEmpty {
        // A line; at the end of the input only the signal is left.
        if try !Handle.standardInput.read(upTo: 4096).isEmpty { return }
        isOpen = false
      }
    }
  }

  /// nsenter's options for those that are not ours.
  private static func namespaces(of process: Int32) -> ByteString {
    var options: ByteString = ""
    for kind in NamespaceKind.allCases {
      do throws(SyscallError) {
        let here = Handle.currentDirectory
        let theirs = try here.status(
          behindEntry: "/proc/" + ByteString(decimal: process) + "/ns/" + kind.file)
        let ours = try here.status(behindEntry: "/proc/self/ns/" + kind.file)
        if !theirs.isSameFile(as: ours) { options += " --" + kind.enterOption }
      } catch {
        // Without the right to look there is no way to enter.
      }
    }
    return options
  }
}

extension NamespaceKind {
  /// As nsenter(1) spells it.
  package var enterOption: ByteString { self == .mount ? "mount" : file }
}

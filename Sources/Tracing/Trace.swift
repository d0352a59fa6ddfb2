package import Bytes
package import Linux

/// `--trace`: the spans of one command, and the file that they go to when it ends.
package final class Trace {
  package enum Format: Equatable, Sendable {
    /// One document that Perfetto and chrome://tracing open.
    case chrome
    /// A line of OTLP's JSON, appended.
    case otlp
  }

  /// Hands the moment when the first image of the executable began over to the protected copy.
  package static var beganVariable: ByteString { "APUS_TRACE_BEGAN" }

  private let file: SharedDescriptor
  let format: Format
  /// The first is the command's own.
  package private(set) var spans: [Span]
  let context: TraceParent
  /// Who called with TRACEPARENT.
  let caller: TraceParent?
  private let firstID: UInt64
  /// The step of the host that is performed.
  private var current = 0
  /// Whether the command fails.
  package var fails = false

  /// - Parameter file: opened for writing.
  package init(
    _ file: SharedDescriptor, _ format: Format, command: ByteString, began: Int64,
    caller: ByteString?
  ) throws(SyscallError) {
    self.file = file
    self.format = format
    self.caller = caller.flatMap { TraceParent($0) }
    // Room for the numbers of spans, and never 0.
    firstID = try Random.number() & ~0x3_ffff_ffff | 1
    let trace: ByteString
    if let caller = self.caller {
      trace = caller.trace
    } else {
      trace =
        ByteString(hexadecimal: try Random.number() | 1, width: 16)
        + ByteString(hexadecimal: try Random.number(), width: 16)
    }
    context = TraceParent(trace: trace, span: Trace.text(firstID))
    spans = [Span(.command, command, start: began)]
  }

  private static func text(_ number: UInt64) -> ByteString {
    ByteString(hexadecimal: number, width: 16)
  }

  func identifier(_ number: Int) -> ByteString {
    Trace.text(firstID + (spans[number].number ?? UInt64(number)))
  }

  /// Of a span of init, which is not among the others yet.
  private static func number(ofInner number: Int) -> UInt64 { 0x1_0000_0000 + UInt64(number) }

  package func begin(_ side: Span.Side, _ name: ByteString, _ pointer: ByteString = "") -> Int {
    var span = Span(side, name, start: SharedSpans.now)
    span.pointer = pointer
    span.parent = 0
    spans.append(span)
    current = spans.count - 1
    return current
  }

  package func end(_ number: Int?) {
    guard let number else { return }
    spans[number].end = SharedSpans.now
    current = 0
  }

  package func fail(_ number: Int?, _ errno: Errno?) {
    guard let number else { return }
    end(number)
    spans[number].error = errno?.symbol ?? "failed"
  }

  /// What was measured elsewhere.
  package func add(_ side: Span.Side, _ name: ByteString, from start: Int64, to end: Int64) {
    var span = Span(side, name, start: start, end: end)
    span.parent = 0
    spans.append(span)
  }

  /// What init did: the entries of `steps`, and behind them those of the hooks that it ran.
  package func add(
    _ shared: SharedSpans, steps: [(name: ByteString, pointer: ByteString)],
    hooks: [(step: Int, arguments: [ByteString])]
  ) {
    var places = [Int](repeating: 0, count: steps.count)
    for number in 0..<shared.count {
      let entry = shared.entry(number)
      let hook = number < steps.count ? nil : hooks[number - steps.count]
      if entry.start == 0 { continue }
      var span = Span(
        hook == nil ? .inner : .hook, hook?.arguments.first ?? "", start: entry.start,
        // What has not ended goes on: execve is seen by its end alone.
        end: entry.end == 0 ? SharedSpans.now : entry.end)
      span.parent = 0
      span.number = Trace.number(ofInner: number)
      if entry.errno != 0 {
        span.error =
          entry.errno < 0 ? "failed" : Errno(rawValue: Int32(clamping: entry.errno)).symbol
      }
      if let hook {
        span.arguments = hook.arguments
        span.parent = places[hook.step]
      } else {
        (span.name, span.pointer) = steps[number]
        places[number] = spans.count
      }
      spans.append(span)
    }
  }

  /// For hooks of the host: each is part of the step that runs them.
  package var hooks: HookTrace {
    HookTrace(
      begin: { arguments in
        var span = Span(.hook, arguments.first ?? "", start: SharedSpans.now)
        span.arguments = arguments
        span.parent = self.current
        self.spans.append(span)
        return self.parent(of: self.spans.count - 1)
      },
      end: { errno in
        guard let last = self.spans.lastIndex(where: { $0.side == .hook && $0.end == 0 }) else {
          return
        }
        self.spans[last].end = SharedSpans.now
        if let errno { self.spans[last].error = errno }
      })
  }

  private func parent(of number: Int) -> TraceParent {
    TraceParent(trace: context.trace, span: identifier(number))
  }

  /// For hooks that init runs: `shared` has entries for them from `first` on.
  package func hooks(in shared: SharedSpans, from first: Int) -> HookTrace {
    let (trace, ids) = (context.trace, firstID)
    var next = first
    return HookTrace(
      begin: { _ in
        shared.begin(next)
        return TraceParent(trace: trace, span: Trace.text(ids + Trace.number(ofInner: next)))
      },
      end: { error in
        shared.end(next, errno: error == nil ? 0 : -1)
        next += 1
      })
  }

  /// The command has ended: writes the file.
  package func finish() throws(SyscallError) {
    let now = SharedSpans.now
    for index in spans.indices where spans[index].end == 0 { spans[index].end = now }
    if fails { spans[0].error = "failed" }
    let text = format == .chrome ? chrome : otlp(clock: Clock.realTime)
    try file.handle.writeAll(text, milliseconds: 1_000)
    // Not before: ext4 waits for the disk when a file that was emptied is closed.
    if format == .chrome, try file.handle.status().kind == .regular {
      try file.handle.truncate(to: Int64(text.count))
    }
  }
}

/// How whoever runs hooks tells of each.
package struct HookTrace {
  /// With the hook's arguments; what the hook gets as TRACEPARENT.
  package let begin: ([ByteString]) -> TraceParent
  /// With the reason if it failed.
  package let end: (ByteString?) -> Void

  package init(
    begin: @escaping ([ByteString]) -> TraceParent, end: @escaping (ByteString?) -> Void
  ) {
    self.begin = begin
    self.end = end
  }

  /// `environment` with TRACEPARENT, unless the hook has one of its own, and without what is the
  /// runtime's.
  package static func adding(_ parent: TraceParent, to environment: [ByteString], own: Bool)
    -> [ByteString]
  {
    let name: ByteString = "TRACEPARENT="
    if own, environment.contains(where: { $0.hasPrefix(name) }) { return environment }
    return environment.filter {
      !$0.hasPrefix(name) && !$0.hasPrefix(Trace.beganVariable + "=")
    } + [name + parent.text]
  }
}

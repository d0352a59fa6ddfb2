import Bytes
import Console
import Linux

/// A shell with `terminal` as its three streams and its controlling terminal, as an init has it; or
/// without one, with no streams at all.
func spawn(_ script: ByteString, on terminal: Handle? = nil) throws(SyscallError) -> ProcessHandle {
  let image = ExecutableImage(
    arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"])
  switch try ThisProcess.fork() {
  case .child:
    do throws(SyscallError) {
      try ThisProcess.makeSession()
      try Signals.resetAll()
      if let terminal {
        try Terminal.makeControlling(terminal)
        for number: Int32 in 0...2 { try terminal.duplicate(onto: number) }
      }
      try DescriptorRange.close(from: 3)
      _ = image.execute("/bin/sh")
    } catch {
      // Told by the status.
    }
    ThisProcess.exit(126)
  case .parent(let child): return child
  }
}

/// A pty of the host, which stands for the container's.
func hostPty() throws(SyscallError) -> Pty { try Pty.open() }

/// Reads until `text` has come.
func expect(_ text: String, from handle: Handle) throws(SyscallError) -> Bool {
  var seen = ""
  while !seen.contains(text) {
    if try Polling.wait([(handle, .input)], milliseconds: 10_000)[0].isEmpty { return false }
    let bytes: [UInt8]
    do throws(SyscallError) { bytes = try handle.read(upTo: 4096) } catch { return false }
    if bytes.isEmpty { return false }
    seen += String(decoding: bytes, as: UTF8.self)
  }
  return true
}

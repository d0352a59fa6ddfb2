import Bytes
import Commands
import Testing

@Suite("signals as they are spelled")
struct SignalNameTests {
  @Test("OP-11: names with and without SIG, in any case")
  func names() {
    for text: ByteString in ["TERM", "SIGTERM", "term", "SigTerm", "sigterm", "15"] {
      #expect(SignalName.number(text) == 15)
    }
    #expect(SignalName.number("KILL") == 9)
    #expect(SignalName.number("SIGHUP") == 1)
    #expect(SignalName.number("winch") == 28)
    #expect(SignalName.number("SIGSYS") == 31)
    #expect(SignalName.number("CLD") == 17)
    #expect(SignalName.number("POLL") == 29)
    #expect(SignalName.number("IOT") == 6)
  }

  @Test("EN-13: real-time signals count from both ends")
  func realTime() {
    #expect(SignalName.number("RTMIN") == 34)
    #expect(SignalName.number("SIGRTMIN+3") == 37)
    #expect(SignalName.number("rtmin+0") == 34)
    #expect(SignalName.number("RTMAX") == 64)
    #expect(SignalName.number("SIGRTMAX-14") == 50)
    #expect(SignalName.number("RTMIN+30") == 64)
    #expect(SignalName.number("RTMAX-30") == 34)
  }

  @Test("numbers up to 64; 0 probes")
  func numbers() {
    #expect(SignalName.number("0") == 0)
    #expect(SignalName.number("64") == 64)
    #expect(SignalName.number("32") == 32)
  }

  @Test(
    "OP-11: anything else is no signal",
    arguments: [
      "", "SIG", "65", "-1", "+9", "09", "9 ", "99999999999999999999", "TERMINATE", "SIGSIGTERM",
      "RTMIN+31", "RTMAX-31", "RTMIN-1", "RTMAX+1", "RTMIN+", "RTMIN+x", "RTMIN+-1", "SIG9",
    ])
  func unknown(text: String) {
    #expect(SignalName.number(ByteString(text)) == nil)
  }

  @Test("every signal that has a name has one number")
  func complete() {
    let names: [ByteString] = [
      "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
      "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
      "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]
    #expect(names.map { SignalName.number($0) } == (1...31).map { Int32($0) })
  }
}

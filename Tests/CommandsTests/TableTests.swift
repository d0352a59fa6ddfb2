import Bytes
import Commands
import OCISpec
import Report
import Testing

@Suite("the table of list")
struct TableTests {
  @Test("columns at least twelve wide, three apart, none after the last")
  func columns() {
    let states = [
      State(
        id: "web", status: .running, pid: 4242, bundle: "/srv/web",
        extras: .init(rootfs: "/r", created: "2026-11-21T01:56:59.25Z", owner: "root")),
      State(
        id: "a-name-that-is-long", status: .stopped, bundle: "/b",
        extras: .init(rootfs: "/r", created: "1970-01-01T00:00:00Z", owner: "#12345")),
    ]
    #expect(
      String(decoding: Table.text(states), as: UTF8.self) == """
        ID                    PID         STATUS      BUNDLE      CREATED                   OWNER
        web                   4242        running     /srv/web    2026-11-21T01:56:59.25Z   root
        a-name-that-is-long   0           stopped     /b          1970-01-01T00:00:00Z      #12345

        """)
  }

  @Test("without containers the header alone")
  func empty() {
    #expect(
      String(decoding: Table.text([]), as: UTF8.self)
        == "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n")
  }

  @Test("an owner is a name of the host's, or the number")
  func owner() {
    #expect(UserName.of(0) == "root")
    #expect(UserName.of(4_000_000_000) == "#4000000000")
  }
}

@Suite("the host's ps")
struct HostProcessesTests {
  @Test("the header and the lines of the container's processes")
  func select() throws {
    let output = """
      UID          PID    PPID  C STIME TTY          TIME CMD
      root           1       0  0 04:23 ?        00:00:02 init
      root          10       1  0 04:36 ?        00:00:00 sleep 10 100
      1000         100       1  0 04:36 ?        00:00:00 sleep 1
      """
    let text = try HostProcesses.select([100, 1], from: Array(output.utf8))
    #expect(
      String(decoding: text, as: UTF8.self) == """
        UID          PID    PPID  C STIME TTY          TIME CMD
        root           1       0  0 04:23 ?        00:00:02 init
        1000         100       1  0 04:36 ?        00:00:00 sleep 1

        """)
    let none = try HostProcesses.select([], from: Array(output.utf8))
    #expect(none.filter { $0 == 0x0a }.count == 1)
  }

  @Test("without a PID column nothing can be said")
  func noColumn() {
    #expect(
      throws: CommandFailure("ps printed no PID column: add it to its options")
    ) { try HostProcesses.select([1], from: Array("CMD\nsh\n".utf8)) }
    #expect(throws: CommandFailure("ps printed nothing")) {
      try HostProcesses.select([1], from: [])
    }
  }
}

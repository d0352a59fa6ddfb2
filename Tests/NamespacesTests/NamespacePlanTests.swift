import Bytes
import Linux
import OCISpec
import Testing

@testable import Namespaces

/// The error that `body` throws.
func failure(_ body: () throws(ConfigError) -> some Any) -> ConfigError? {
  do throws(ConfigError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

func config(
  _ namespaces: [LinuxSection.Namespace] = [], hostname: ByteString? = nil,
  domainname: ByteString? = nil, sysctl: [Entry<ByteString>] = []
) -> Config {
  Config(
    root: .init(path: "rootfs"), hostname: hostname, domainname: domainname,
    linux: LinuxSection(namespaces: namespaces, sysctl: sysctl))
}

@Suite("NamespacePlan")
struct NamespacePlanTests {
  private func make(_ config: Config) throws(ConfigError) -> NamespacePlan {
    try NamespacePlan.make(config: config)
  }

  @Test("NS-1 NS-2: all eight kinds, new; an empty path is none")
  func new() throws {
    let plan = try make(config(NamespaceKind.names.map { .init(type: $0, path: "") }))
    #expect(plan.created.rawValue == 0x7e02_0080)
    #expect(plan.joins.isEmpty)
    #expect(NamespaceKind.allCases.allSatisfy { plan.creates($0) && plan.has($0) })
    #expect(
      NamespaceKind.allCases.map { $0.name.description }.sorted()
        == NamespaceKind.names.map(\.description))
  }

  @Test("NS-5: a kind that is not listed is the runtime's")
  func inherited() throws {
    let plan = try make(config([.init(type: "pid")]))
    #expect(plan.created == .pid)
    #expect(!plan.has(.network))
  }

  @Test("NS-3 NS-7: joined by absolute path, the user namespace first")
  func joined() throws {
    let plan = try make(
      config([
        .init(type: "mount", path: "/m"), .init(type: "network", path: "/n"), .init(type: "pid"),
        .init(type: "user", path: "/u"),
      ]))
    #expect(plan.joins.map(\.kind) == [.user, .network, .mount])
    #expect(plan.joins.map(\.path) == ["/u", "/n", "/m"])
    #expect(plan.join(of: .network)?.pointer == "/linux/namespaces/1/path")
    #expect(plan.has(.network) && !plan.creates(.network))
  }

  @Test("NS-1 NS-3 NS-6: unknown, twice, relative: errors at their place")
  func bad() {
    for (namespaces, pointer) in [
      ([.init(type: "net")], "/linux/namespaces/0/type"),
      ([.init(type: "pid"), .init(type: "pid")], "/linux/namespaces/1/type"),
      ([.init(type: "pid", path: "/p"), .init(type: "pid")], "/linux/namespaces/1/type"),
      ([.init(type: "pid", path: "proc/1/ns/pid")], "/linux/namespaces/0/path"),
    ] as [([LinuxSection.Namespace], ByteString)] {
      let error = failure { () throws(ConfigError) in try make(config(namespaces)) }
      #expect(error?.pointer == pointer)
    }
  }

  @Test("T20: a path longer than the kernel takes is refused", arguments: [4096, 65537, 131_072])
  func longPath(count: Int) {
    let path = "/" + ByteString([UInt8](repeating: 0x61, count: count - 1))
    let error = failure { () throws(ConfigError) in
      try make(config([.init(type: "pid", path: path)]))
    }
    #expect(error?.pointer == "/linux/namespaces/0/path")
    #expect((error?.reason.count ?? 0) < 200)
  }

  @Test("HN-1 HN-2: names need a uts namespace, new or joined, and fit the kernel")
  func names() throws {
    let long = ByteString([UInt8](repeating: 0x61, count: 65))
    for (config, pointer) in [
      (config(hostname: "a"), "/hostname"), (config(domainname: "a"), "/domainname"),
      (config([.init(type: "uts")], hostname: long), "/hostname"),
      (config([.init(type: "uts")], domainname: long), "/domainname"),
    ] as [(Config, ByteString)] {
      let error = failure { () throws(ConfigError) in try make(config) }
      #expect(error?.pointer == pointer)
    }
    let plan = try make(config([.init(type: "uts")], hostname: "h", domainname: long.prefix(64)))
    #expect(plan.hostname == "h")
    #expect(plan.domainname?.count == 64)
    #expect(try make(config([.init(type: "uts", path: "/u")], hostname: "h")).hostname == "h")
    #expect(try make(config(hostname: "")).hostname == nil)
  }
}

@Suite("OpenedNamespace")
struct OpenedNamespaceTests {
  private func open(_ kind: ByteString, _ path: ByteString, sysctl: [Entry<ByteString>] = [])
    -> ConfigError?
  {
    failure { () throws(ConfigError) in
      let plan = try NamespacePlan.make(
        config: config([.init(type: kind, path: path)], sysctl: sysctl))
      for join in plan.joins { _ = try join.open() }
    }
  }

  @Test("NS-3: a namespace of the right kind is opened, the runtime's own too")
  func right() throws {
    for kind in NamespaceKind.allCases {
      #expect(open(kind.name, "/proc/self/ns/" + kind.file) == nil)
    }
  }

  @Test("NS-4 T33: another kind, another file, no file: an error at the path, and no hang")
  func wrong() throws {
    let fifo: ByteString = "/tmp/apus-fifo-" + ByteString(decimal: ThisProcess.id)
    try Handle.currentDirectory.makeNode(fifo, .fifo, mode: 0o600)
    for path in [
      "/proc/self/ns/uts", "/dev/null", "/tmp", fifo, "/nowhere", "/proc/4194304/ns/net",
    ] as [ByteString] {
      let error = open("network", path)
      #expect(error?.pointer == "/linux/namespaces/0/path", "\(path)")
    }
    try Handle.currentDirectory.unlink(fifo)
    #expect(
      open("network", "/proc/self/ns/uts")?.reason
        == "`/proc/self/ns/uts` is not a network namespace")
  }

  @Test("T30: a joined namespace that is the runtime's own allows no sysctl")
  func own() {
    let error = open(
      "network", "/proc/self/ns/net", sysctl: [Entry("net.ipv4.ip_forward", "1")])
    #expect(error?.pointer == "/linux/sysctl/net.ipv4.ip_forward")
  }
}

import Bytes
import OCISpec
import Testing

@Suite("Config")
struct ConfigTests {
  @Test("RT-1: the root is all that is needed")
  func minimal() throws {
    let config: Config = try decode(#"{"ociVersion": "1.0.0", "root": {"path": "rootfs"}}"#)
    #expect(config == Config(ociVersion: "1.0.0", root: .init(path: "rootfs")))
    #expect(config.process == nil)
  }

  @Test(
    "VE-1 VE-2: every semantic version 1 is taken",
    arguments: [
      "1.0.0", "1.3.0", "1.99.0", "1.0.2-dev", "1.2.1+dev", "1.0.0-rc.1+build.05", "1.0.0--",
      "1.0.0-0a",
    ])
  func versions(text: String) throws {
    let config: Config = try decode(#"{"ociVersion": "\#(text)", "root": {"path": "r"}}"#)
    #expect(config.ociVersion == ByteString(text))
  }

  @Test(
    "VE-1: what is not a semantic version is refused",
    arguments: [
      "", "1", "1.3", "1.3.0.0", "v1.3.0", "1.3.0-", "1.3.0+", "01.3.0", "1.03.0", "1.3.0-01",
      "1.3.0-a..b",
      "1.3.0+a+b", "1.3.0-ä", " 1.3.0", "1.-3.0", "99999999999999999999.0.0",
    ])
  func malformedVersions(text: String) {
    #expect(
      refusal(of: #"{"ociVersion": "\#(text)", "root": {"path": "r"}}"#)
        == "config.json /ociVersion: `\(text)` is not a semantic version")
  }

  @Test("VE-1: another major version is refused", arguments: ["0.5.0-dev", "2.0.0"])
  func majors(text: String) {
    #expect(
      refusal(of: #"{"ociVersion": "\#(text)", "root": {"path": "r"}}"#)
        == "config.json /ociVersion: version `\(text)` is not supported, only 1.x.y is")
  }

  @Test("RT-2 RT-3: the root")
  func root() throws {
    let config: Config = try decode(
      #"{"ociVersion": "1.3.0", "root": {"path": "/srv/a b", "readonly": true}}"#)
    #expect(config.root == .init(path: "/srv/a b", readonly: true))
  }

  @Test("MT-1..6: mounts keep their order and every member")
  func mounts() throws {
    let config: Config = try decode(
      config(
        #"""
        "mounts": [
          {"destination": "/b", "type": "tmpfs", "source": "tmpfs", "options": ["ro", "mode=755"]},
          {"destination": "a", "source": "src", "type": "", "options": [],
           "uidMappings": [{"containerID": 0, "hostID": 4294967295, "size": 1}],
           "gidMappings": [{"containerID": 1, "hostID": 2, "size": 3}]}
        ]
        """#))
    #expect(
      config.mounts == [
        Mount(destination: "/b", type: "tmpfs", source: "tmpfs", options: ["ro", "mode=755"]),
        Mount(
          destination: "a", source: "src",
          uidMappings: [.init(containerID: 0, hostID: .max, size: 1)],
          gidMappings: [.init(containerID: 1, hostID: 2, size: 3)]),
      ])
  }

  @Test("HN-1 HN-2: names")
  func names() throws {
    let config: Config = try decode(config(#""hostname": "a", "domainname": "b.c""#))
    #expect(config.hostname == "a")
    #expect(config.domainname == "b.c")
  }

  @Test("AN-1 AN-2: annotations keep their order and may be empty")
  func annotations() throws {
    let config: Config = try decode(config(#""annotations": {"z": "", "a": "1"}"#))
    #expect(config.annotations == [.init("z", ""), .init("a", "1")])
    #expect(config.annotations["a"] == "1")
    #expect(config.annotations["b"] == nil)
  }

  @Test("HK-1..4: hooks of every kind; absent and empty lists differ")
  func hooks() throws {
    let config: Config = try decode(
      config(
        #"""
        "hooks": {
          "prestart": [{"path": "/a", "args": ["a", "b"], "env": ["A=1"], "timeout": 3}],
          "createRuntime": [{"path": "/b", "args": [], "env": []}], "createContainer": [{"path": "/c"}],
          "startContainer": [{"path": "/d"}], "poststart": [{"path": "/e"}, {"path": "/f"}],
          "poststop": [{"path": "/g", "timeout": 9223372036854775807}]
        }
        """#))
    #expect(
      config.hooks
        == HooksSection(
          prestart: [.init(path: "/a", args: ["a", "b"], env: ["A=1"], timeout: 3)],
          createRuntime: [.init(path: "/b", args: [], env: [])],
          createContainer: [.init(path: "/c")],
          startContainer: [.init(path: "/d")], poststart: [.init(path: "/e"), .init(path: "/f")],
          poststop: [.init(path: "/g", timeout: .max)]))
  }
}

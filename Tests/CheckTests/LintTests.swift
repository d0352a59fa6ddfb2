import Bytes
import Check
import Testing

@Suite("Check: what is suspicious in a plan that could be made")
struct LintTests {
  private func found(_ text: [UInt8]) -> [String] {
    // Most of these have no program and no /proc, which are notes.
    Fixture.examine(text).findings
      .filter { $0.severity != .note || !["/process", "/mounts"].contains($0.pointer) }
      .map { "\($0.severity.name) \($0.code) \($0.pointer)" }
  }

  private func mounts(_ entries: String) -> [UInt8] {
    document("", "", "\"mounts\": [\(entries)],")
  }

  private func users(_ linux: String, _ mounts: String = "") -> [UInt8] {
    Array(
      """
      {"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "mounts": [\(mounts)],
       "linux": {"namespaces": [{"type": "mount"}, {"type": "user"}, {"type": "pid"}],
         "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
         "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}]\(linux)}}
      """.utf8)
  }

  @Test("a mount above an earlier one, or on the same place, hides it")
  func hidden() {
    let inner = #"{"destination": "/a/b", "type": "tmpfs"}"#
    let outer = #"{"destination": "/a", "type": "tmpfs"}"#
    #expect(found(mounts(inner + "," + outer)) == ["warning mount-hidden /mounts/1"])
    #expect(found(mounts(outer + "," + inner)) == [])
    #expect(found(mounts(outer + "," + outer)) == ["note mount-hidden /mounts/1"])
    #expect(found(mounts(outer + #","# + #"{"destination": "/ab", "type": "tmpfs"}"#)) == [])
  }

  @Test("ids in options of a mount have to be mapped")
  func ids() {
    let mount = #"{"destination": "/dev/pts", "type": "devpts", "options": ["gid=5", "uid=0"]}"#
    #expect(found(users("", mount)) == ["error mount-unmapped /mounts/0/options"])
    #expect(found(mounts(mount)) == [])
  }

  @Test("a new mqueue in a user namespace needs an ipc namespace; sysfs is bound from the host")
  func namespaced() {
    let mount = #"{"destination": "/mq", "type": "mqueue"}"#
    #expect(found(users("", mount)) == ["error mount-namespace /mounts/0"])
    #expect(found(users("", #"{"destination": "/sys", "type": "sysfs"}"#)) == [])
    #expect(found(mounts(mount)) == [])
  }

  @Test(
    "a filter that refuses execve is an error, by rule or by default",
    arguments: [
      (
        #""defaultAction": "SCMP_ACT_ERRNO""#,
        ["error exec-filter /linux/seccomp", "warning seccomp-start /linux/seccomp"]
      ),
      (
        #""defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_KILL"}]"#,
        ["error exec-filter /linux/seccomp/syscalls/0"]
      ),
      (
        #""defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_ALLOW"}]"#,
        ["warning seccomp-start /linux/seccomp"]
      ),
      (#""defaultAction": "SCMP_ACT_LOG""#, []),
    ])
  func execution(filter: String, findings: [String]) {
    #expect(found(document("", ", \"seccomp\": {\(filter)}")) == findings)
  }

  @Test("a device that no rule allows is a warning, one that a rule allows is none")
  func device() {
    let node =
      #""devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229}], "resources": {"devices": [{"allow": false, "access": "rwm"}"#
    let rule = #"{"allow": true, "type": "c", "major": 10, "access": "rw"}"#
    #expect(found(document("", ", \(node)]}")) == ["warning device-rule /linux/devices/0"])
    #expect(found(document("", ", \(node), \(rule)]}")) == [])
  }

  @Test("systemd's form of a path is suspicious without systemd")
  func cgroupForm() {
    #expect(
      found(document("", #", "cgroupsPath": "a.slice:b:c""#)) == [
        "warning cgroup-form /linux/cgroupsPath"
      ])
    #expect(found(document("", #", "cgroupsPath": "/a:b:c""#)) == [])
  }
}

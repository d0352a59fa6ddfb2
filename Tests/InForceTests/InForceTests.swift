import Bytes
import Testing

@testable import Cgroups
@testable import Identity
@testable import InForce

@Suite("what counts as a difference")
struct InForceTests {
  @Test(
    "a cgroup file has what was written to it: other units, whole pages, another order, other words",
    arguments: [
      ("100000000", "99999744"), ("512M", "536870912"), ("max", "max"),
      ("50000 100000", "50000 100000"),
      ("max", "max 100000"), ("0-3,5", "0,1-3,5"),
      ("8:0 rbps=1048576 wiops=max", "rbps=1048576 wbps=max riops=max wiops=max"),
      ("mlx hca_handle=2", "hca_handle=2 hca_object=max"),
    ])
  func same(_ wanted: String, _ found: String) {
    let subjects: [ByteString] = ["8:0", "mlx"]
    let words = ByteString(wanted).split(on: 0x20).filter { !subjects.contains($0) }
    #expect(CgroupFile.holds(words.joined(by: " "), ByteString(found)))
  }

  @Test(
    "a cgroup file has something else",
    arguments: [
      ("100000000", "100000001"), ("100000000", "99999743"), ("max", "100"),
      ("50000 100000", "50000 20000"),
      ("0-3", "0-2"), ("rbps=1048576", "rbps=2097152"), ("4096", "0"), ("100", ""),
    ])
  func different(_ wanted: String, _ found: String) {
    #expect(!CgroupFile.holds(ByteString(wanted), ByteString(found)))
  }

  @Test("a mount option is the same number however the kernel shows it")
  func options() {
    for (wanted, found) in [
      ("0755", "755"), ("64k", "65536"), ("1m", "1024k"), ("50%", "812k"), ("5", "5"),
    ] {
      #expect(MountOptionValue.isSame(ByteString(wanted), ByteString(found)))
    }
    for (wanted, found) in [
      ("0755", "754"), ("64k", "128k"), ("a", "b"), ("99999999999999999999g", "1"),
    ] {
      #expect(!MountOptionValue.isSame(ByteString(wanted), ByteString(found)))
    }
  }

  @Test("execve gives root the bounding set, and others the ambient one")
  func capabilities() {
    var plan = CapabilityPlan(lastCapability: 40)
    (plan.bounding, plan.permitted, plan.effective, plan.inheritable, plan.ambient) = (
      7, 3, 1, 2, 2
    )
    #expect(plan.afterExecve(byRoot: true).permitted == 7)
    #expect(plan.afterExecve(byRoot: true).effective == 7)
    #expect(plan.afterExecve(byRoot: false).permitted == 2)
    #expect(plan.afterExecve(byRoot: false).effective == 2)
    #expect(plan.afterExecve(byRoot: false).bounding == 7)
  }

  @Test("what is not the same is drift, and what could not be looked at too")
  func drift() {
    var list = RowList()
    list.add("/a", "a", "1", "1")
    list.add("/b", "b", nil, "2")
    list.add("/c", "c", "1", "2")
    list.add("/d", "d", "1", nil)
    #expect(Subject.drift(list.rows).map { $0.pointer } == ["/c", "/d"])
    #expect(list.rows.map { $0.verdict } == [.same, .same, .differs, .unknown])
  }
}

import Testing

@testable import Commands

@Suite("what gc removes, and what doctor misses")
struct SweepTests {
  typealias Facts = Sweep.Facts

  func isRemoved(_ facts: Facts) -> Bool {
    if case .remove = Sweep.verdict(facts) { return true }
    return false
  }

  @Test("nothing that lives is removed, whatever else is known of it")
  func living() {
    for record in [Facts.Record.none, .damaged, .creating, .created] {
      for waits in [true, false] {
        for boot in [true, false] {
          for bundle in [true, false] {
            let facts = Facts(
              record: record, livesOn: true, awaitsStart: waits, isOfAnotherBoot: boot,
              hasBundle: bundle)
            #expect(!isRemoved(facts))
          }
        }
      }
    }
  }

  @Test("what is dead is removed if it is certainly ours and nobody can ask for it")
  func dead() {
    #expect(isRemoved(Facts(record: .none, livesOn: false)))
    #expect(!isRemoved(Facts(record: .none, livesOn: false, isForeign: true)))
    #expect(!isRemoved(Facts(record: .damaged, livesOn: false)))
    #expect(isRemoved(Facts(record: .creating, livesOn: false)))
    #expect(!isRemoved(Facts(record: .created, livesOn: false)))
    #expect(isRemoved(Facts(record: .created, livesOn: false, awaitsStart: true)))
    #expect(isRemoved(Facts(record: .created, livesOn: false, isOfAnotherBoot: true)))
    #expect(isRemoved(Facts(record: .created, livesOn: false, hasBundle: false)))
    #expect(Sweep.verdict(Facts(record: .created, livesOn: true)) == .fine)
  }

  @Test("what everything needs is needed, the rest by its use alone")
  func needs() {
    #expect(Doctor.verdict(failed: false, needed: .all, for: .none) == .good)
    #expect(Doctor.verdict(failed: true, needed: .all, for: .none) == .bad)
    #expect(Doctor.verdict(failed: true, needed: .rootless, for: .none) == .note)
    #expect(Doctor.verdict(failed: true, needed: .rootless, for: .docker) == .note)
    #expect(Doctor.verdict(failed: true, needed: .rootless, for: .rootless) == .bad)
    #expect(Doctor.verdict(failed: true, needed: .none, for: .rootless) == .note)
  }
}

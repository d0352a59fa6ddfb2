import Bytes
import Identity
import Linux
import Plan

extension InitStage {
  func perform(_ step: IdentityStep) throws(SyscallError) {
    switch step {
    case .oomScore(let score): try OOMScore.apply(score, procfs: try privateProcfs())
    case .sessionKeyring(let name, let label): try joinKeyring(name, label)
    case .umask(let mask): ThisProcess.setUmask(mask)
    case .label(let label): try label.apply(procfs: try privateProcfs())
    case .noNewPrivileges: try ThisProcess.setNoNewPrivileges()
    case .affinity(let plan): try plan.applyFinal()
    case .scheduler(let plan): try plan.apply()
    case .ioPriority(let plan): try plan.apply()
    case .personality(let plan): try plan.apply()
    case .memoryPolicy(let plan): try plan.apply()
    case .boundingSet(let plan): try plan.dropBounding()
    case .user(let plan): try become(plan)
    case .capabilities(let plan, let kept):
      try plan.apply(keeping: kept)
      try plan.verify(keeping: kept)
    }
  }

  /// A key gets the label that is set when it is made; the next ones are the program's affair.
  private func joinKeyring(_ name: ByteString, _ label: ByteString?) throws(SyscallError) {
    guard let label else {
      _ = try SessionKeyring.join(name)
      return
    }
    let procfs = try privateProcfs()
    try SecurityLabel.setForKeys(label, procfs: procfs)
    _ = try SessionKeyring.join(name)
    try SecurityLabel.setForKeys("", procfs: procfs)
  }

  private func become(_ user: UserPlan) throws(SyscallError) {
    try user.apply()
    try user.verify()
    // The kernel makes us dumpable again in some changes of user.
    try ThisProcess.setDumpable(false)
    try followParent()
  }

  /// One instance for all writes of a step, made in the namespaces where we stand now.
  func privateProcfs() throws(SyscallError) -> Handle {
    if let procfs { return procfs.handle }
    let opened = SharedDescriptor(try Procfs.openForSelf())
    procfs = opened
    return opened.handle
  }
}

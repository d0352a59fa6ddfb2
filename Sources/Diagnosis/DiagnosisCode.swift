/// The stable name of a kind of failure: what a program may look for, and `apus explain` knows.
package enum DiagnosisCode: UInt8, CaseIterable, Sendable {
  case configAbsent
  case configSyntax
  case configDuplicate
  case configImage
  case configMissing
  case configType
  case configWord
  case configNumber
  case configUnknownMember
  case configRule
  case configWarning
  case execAbsent
  case execNotInPath
  case execOneString
  case execEmptyRoot
  case execDanglingLink
  case execOtherPrefix
  case execInterpreter
  case execShebang
  case execNoShebang
  case execLoader
  case execArchitecture
  case execTruncated
  case execMode
  case execDirectory
  case execNotAFile
  case execClosedDirectory
  case execNoexec
  case execFilter
  case execRefused
  case execFailed
  case cwd
  case mountSource
  case mountKinds
  case mountFilesystem
  case mountOption
  case mountUnmapped
  case mountOverlay
  case mountNamespace
  case mountLocked
  case mountHidden
  case mountOverMounted
  case mountClosed
  case mountTarget
  case mountFailed
  case rootAbsent
  case namespacePath
  case namespaceLimit
  case namespaceRefused
  case mapHelper
  case sysctlUnknown
  case sysctlValue
  case limitHard
  case capabilityLeftOut
  case networkDevice
  case securityLabel
  case hookAbsent
  case hookMode
  case hookExit
  case hookTimeout
  case cgroupBusy
  case cgroupFrozen
  case cgroupController
  case cgroupForm
  case cgroupFailed
  case stateRoot
  case descriptors
  case preservedHole
  case containerAbsent
  case containerState
  case containerExists
  case deviceRule
  case terminal
  case seccompUnknown
  case initDied
  case programKilled
}

extension DiagnosisCode {
  package var word: StaticString {
    switch self {
    case .configAbsent: "config-absent"
    case .configSyntax: "config-syntax"
    case .configDuplicate: "config-duplicate"
    case .configImage: "config-image"
    case .configMissing: "config-missing"
    case .configType: "config-type"
    case .configWord: "config-word"
    case .configNumber: "config-number"
    case .configUnknownMember: "config-unknown-member"
    case .configRule: "config-rule"
    case .configWarning: "config-warning"
    case .execAbsent: "exec-absent"
    case .execNotInPath: "exec-not-in-path"
    case .execOneString: "exec-one-string"
    case .execEmptyRoot: "exec-empty-root"
    case .execDanglingLink: "exec-dangling-link"
    case .execOtherPrefix: "exec-other-prefix"
    case .execInterpreter: "exec-interpreter"
    case .execShebang: "exec-shebang"
    case .execNoShebang: "exec-no-shebang"
    case .execLoader: "exec-loader"
    case .execArchitecture: "exec-architecture"
    case .execTruncated: "exec-truncated"
    case .execMode: "exec-mode"
    case .execDirectory: "exec-directory"
    case .execNotAFile: "exec-not-a-file"
    case .execClosedDirectory: "exec-closed-directory"
    case .execNoexec: "exec-noexec"
    case .execFilter: "exec-filter"
    case .execRefused: "exec-refused"
    case .execFailed: "exec-failed"
    case .cwd: "cwd"
    case .mountSource: "mount-source"
    case .mountKinds: "mount-kinds"
    case .mountFilesystem: "mount-filesystem"
    case .mountOption: "mount-option"
    case .mountUnmapped: "mount-unmapped"
    case .mountOverlay: "mount-overlay"
    case .mountNamespace: "mount-namespace"
    case .mountLocked: "mount-locked"
    case .mountHidden: "mount-hidden"
    case .mountOverMounted: "mount-over-mounted"
    case .mountClosed: "mount-closed"
    case .mountTarget: "mount-target"
    case .mountFailed: "mount-failed"
    case .rootAbsent: "root-absent"
    case .namespacePath: "namespace-path"
    case .namespaceLimit: "namespace-limit"
    case .namespaceRefused: "namespace-refused"
    case .mapHelper: "map-helper"
    case .sysctlUnknown: "sysctl-unknown"
    case .sysctlValue: "sysctl-value"
    case .limitHard: "limit-hard"
    case .capabilityLeftOut: "capability-left-out"
    case .networkDevice: "network-device"
    case .securityLabel: "security-label"
    case .hookAbsent: "hook-absent"
    case .hookMode: "hook-mode"
    case .hookExit: "hook-exit"
    case .hookTimeout: "hook-timeout"
    case .cgroupBusy: "cgroup-busy"
    case .cgroupFrozen: "cgroup-frozen"
    case .cgroupController: "cgroup-controller"
    case .cgroupForm: "cgroup-form"
    case .cgroupFailed: "cgroup-failed"
    case .stateRoot: "state-root"
    case .descriptors: "descriptors"
    case .preservedHole: "preserved-hole"
    case .containerAbsent: "container-absent"
    case .containerState: "container-state"
    case .containerExists: "container-exists"
    case .deviceRule: "device-rule"
    case .terminal: "terminal"
    case .seccompUnknown: "seccomp-unknown"
    case .initDied: "init-died"
    case .programKilled: "program-killed"
    }
  }
}

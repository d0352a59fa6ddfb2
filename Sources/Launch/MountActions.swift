import Bytes
import Linux
import Plan
import Rootfs

extension InitStage {
  func perform(_ step: MountStep) throws(SyscallError) {
    guard let rootfs = context.creation?.rootfs else {
      throw .unmet("the plan has no root filesystem")
    }
    switch step {
    case .root: try rootfs.prepareRoot()
    case .mount(let plan): try rootfs.mount(plan)
    case .device(let plan): try rootfs.createDevice(plan)
    case .deviceLinks: try rootfs.createDeviceLinks()
    case .workingDirectory(let path): try rootfs.createWorkingDirectory(path)
    case .switchRoot: try rootfs.switchRoot()
    case .console: try rootfs.bindConsole(.standardInput)
    case .finish: try rootfs.finishMounts()
    case .readonlyPath(let plan): try rootfs.makeReadonly(plan.path)
    case .maskedPaths(let paths): try rootfs.mask(paths)
    }
  }
}

import Bytes
import Linux

extension LimitWriter {
  /// What to write so that everything is again as it is before `writes`.
  func restoration(of writes: [CgroupWrite]) -> [CgroupWrite] {
    writes.flatMap { write in
      values(of: write.file, before: write.value).map { CgroupWrite(write.file, $0, "") }
    }
  }

  private func values(of file: ByteString, before value: ByteString) -> [ByteString] {
    let text: ByteString
    // Nothing to restore where the kernel does not have the file, or does not show it.
    do throws(SyscallError) { text = try cgroup.read(file) } catch { return [] }
    let lines = text.split(on: 0x0a).filter { !$0.isEmpty }
    let key = value.split(on: 0x20)[0]
    if file == "io.max" && !lines.contains(where: { $0.hasPrefix(key + " ") }) {
      return [key + " rbps=max wbps=max riops=max wiops=max"]
    }
    switch lines.count {
    case 0: return ["\n"]
    case 1: return lines
    default:
      // A line for each device; or, in io.weight, for those without a line.
      return lines.filter { $0.hasPrefix(key + " ") || (key == value && $0.hasPrefix("default ")) }
    }
  }
}

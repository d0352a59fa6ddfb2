import Bytes
import Linux

extension LimitWriter {
  /// What to write so that everything is again as it is before `writes`, in their order.
  func restoration(of writes: [CgroupWrite]) -> [CgroupWrite] {
    var old = [CgroupWrite]()
    for write in writes {
      let values = values(of: write.file, before: write.value)
      // A cpuset with processes cannot be emptied again (ENOSPC): first what it comes to.
      if values == ["\n"] && write.file.hasPrefix("cpuset.") {
        let effective = self.values(of: write.file + ".effective", before: "")
        old += effective.map { CgroupWrite(write.file, $0, "") }
      }
      old += values.map { CgroupWrite(write.file, $0, "") }
      // The kernel forgets the weight of a cgroup that becomes idle, and takes one only when it is not.
      if write.file == "cpu.idle" && values == ["0"] {
        old += self.values(of: "cpu.weight", before: "").map { CgroupWrite("cpu.weight", $0, "") }
      }
    }
    return old
  }

  private func values(of file: ByteString, before value: ByteString) -> [ByteString] {
    // Nothing to restore where the kernel does not have the file, or does not show it.
    do throws(SyscallError) {
      return CgroupFile.restoration(of: file, try cgroup.read(file), before: value)
    } catch { return [] }
  }
}

extension CgroupFile {
  /// What to write to `file`, which has `text` now, after `value` has been written to it.
  static func restoration(of file: ByteString, _ text: ByteString, before value: ByteString)
    -> [ByteString]
  {
    let lines = text.split(on: 0x0a).filter { !$0.isEmpty }
    let key = value.split(on: 0x20)[0]
    let isDevice = key != value && key.contains(UInt8(ascii: ":"))
    if isDevice && !lines.contains(where: { $0.hasPrefix(key + " ") }) {
      // A device without a line has the default.
      switch file {
      case "io.max": return [key + " rbps=max wbps=max riops=max wiops=max"]
      case "io.latency": return [key + " target=0"]
      default: return [key + " default"]
      }
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

import Bytes
import Linux

extension Cgroup {
  /// Changes limits, all or none of them: after a failure the old values are written back.
  package func update(_ writes: [CgroupWrite]) throws(CgroupError) {
    enableControllers(for: writes)
    let writes = (isUnit ? UnitProperties.adjusted(writes) : writes).map { resolved($0) }
    // Before systemd is told, which writes at once.
    for write in writes { try checkFloor(write) }
    var old = [CgroupWrite]()
    for write in writes {
      old += restoration(of: write.file, before: write.value).map {
        CgroupWrite(write.file, $0, "")
      }
    }
    do throws(CgroupError) {
      if isUnit { try setProperties(writes) }
      for write in writes { try apply(write) }
    } catch {
      // What cannot be put back was not changed, or is beyond us: the first error counts.
      if isUnit { do throws(CgroupError) { try setProperties(old) } catch {} }
      for write in old.reversed() {
        do throws(SyscallError) { try self.write(write.file, write.value) } catch {}
      }
      throw error
    }
  }

  /// What to write to `file` so that it is again as it is before `value` is written.
  private func restoration(of file: ByteString, before value: ByteString) -> [ByteString] {
    let text: ByteString
    // Nothing to put back where the kernel does not have the file, or does not show it.
    do throws(SyscallError) { text = try read(file) } catch { return [] }
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

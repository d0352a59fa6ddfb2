import Bytes
import Linux

extension Cgroup {
  /// Changes limits, all or none of them: after a failure the old values are written back.
  package func update(_ writes: [CgroupWrite]) throws(CgroupError) {
    var old = [(file: ByteString, value: ByteString)]()
    for write in writes {
      for (file, value) in targets(of: write) {
        old += restoration(of: file, before: value).map { (file, $0) }
      }
      do throws(CgroupError) {
        try apply(write)
      } catch {
        for (file, value) in old.reversed() {
          // What cannot be put back was not changed, or is beyond us: the first error counts.
          do throws(SyscallError) { try self.write(file, value) } catch {}
        }
        throw error
      }
    }
  }

  private func targets(of write: CgroupWrite) -> [(ByteString, ByteString)] {
    [(write.file, write.value)] + (write.alternative.map { [($0.file, $0.value)] } ?? [])
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

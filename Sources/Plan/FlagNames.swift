package import Bytes
import Identity
import Linux
package import Rootfs
import Seccomp

/// Flags and numbers of the kernel by their names, for the plan as text.
package enum FlagNames {
  /// What is not named stays a number.
  private static func text(_ value: UInt64, _ names: [(name: StaticString, bits: UInt64)])
    -> ByteString
  {
    var rest = value
    var found = ByteString()
    for entry in names where entry.bits != 0 && rest & entry.bits == entry.bits {
      if !found.isEmpty { found += "," }
      found += entry.name
      rest &= ~entry.bits
    }
    if rest != 0 { found += (found.isEmpty ? "" : ",") + hex(rest) }
    return found.isEmpty ? "none" : found
  }

  /// An access time is one of three, told by the field as a whole.
  package static func attributes(_ change: AttributeChange) -> ByteString {
    let mask = MountAttributes.accessTimeMask
    var set = change.set
    var clear = change.clear
    var words = [ByteString]()
    if clear.contains(mask) {
      clear.subtract(mask)
      words.append(
        set.contains(.noAccessTime)
          ? "noatime" : set.contains(.strictAccessTime) ? "strictatime" : "relatime")
      set.subtract(mask)
    }
    if !set.isEmpty { words.insert(text(set.rawValue, attributes), at: 0) }
    if !clear.isEmpty { words.append("without " + text(clear.rawValue, attributes)) }
    return words.joined(by: ",")
  }

  private static let attributes: [(name: StaticString, bits: UInt64)] =
    [
      ("ro", MountAttributes.readOnly.rawValue), ("nosuid", MountAttributes.noSetUserID.rawValue),
      ("nodev", MountAttributes.noDevices.rawValue),
      ("noexec", MountAttributes.noExecute.rawValue),
      ("noatime", MountAttributes.noAccessTime.rawValue),
      ("strictatime", MountAttributes.strictAccessTime.rawValue),
      ("nodiratime", MountAttributes.noDirectoryAccessTime.rawValue),
      ("nosymfollow", MountAttributes.noSymlinkFollow.rawValue),
      ("idmap", MountAttributes.idMapped.rawValue),
    ]

  static func superblock(_ flags: MountFlags) -> ByteString {
    text(
      flags.rawValue,
      [
        ("ro", MountFlags.readOnly.rawValue), ("sync", MountFlags.synchronous.rawValue),
        ("mand", MountFlags.mandatoryLocks.rawValue),
        ("dirsync", MountFlags.directorySync.rawValue), ("silent", MountFlags.silent.rawValue),
        ("iversion", MountFlags.inodeVersion.rawValue),
        ("lazytime", MountFlags.lazyTime.rawValue),
      ])
  }

  package static func capabilities(_ set: UInt64) -> ByteString {
    var names = ByteString()
    for number in 0..<64 where set >> UInt64(number) & 1 == 1 {
      if !names.isEmpty { names += "," }
      names += Capability.name(of: number) ?? ByteString(decimal: number)
    }
    return names.isEmpty ? "none" : names
  }

  static func word(_ value: UInt32, _ words: [SeccompNames.Word]) -> ByteString {
    words.first { $0.value == value }?.name.text ?? hex(UInt64(value))
  }

  /// With the errno or the number for a tracer.
  static func action(_ action: UInt32) -> ByteString {
    let name = word(action & 0xffff_0000, SeccompNames.actions)
    return action & 0xffff == 0 ? name : name + "(" + ByteString(decimal: action & 0xffff) + ")"
  }

  static func filterFlags(_ flags: UInt32) -> ByteString {
    text(UInt64(flags), SeccompNames.flags.map { ($0.name, UInt64($0.value)) })
  }

  static func schedulerFlags(_ flags: UInt64) -> ByteString {
    text(flags, SchedulerPlan.flags.map { ($0.name, $0.bit) })
  }

  /// The class is in the bits from 13 on (ioprio_set(2)).
  package static func ioPriority(_ value: Int32) -> ByteString {
    let name = IOPriorityPlan.classes.first { $0.number == value >> 13 }?.name ?? "none"
    return name + " " + ByteString(decimal: value & 0x1fff)
  }

  package static func personality(_ domain: UInt32) -> ByteString {
    PersonalityPlan.domains.first { $0.number == domain }?.name ?? hex(UInt64(domain))
  }

  static func hex(_ value: UInt64) -> ByteString { "0x" + ByteString(hexadecimal: value) }
}

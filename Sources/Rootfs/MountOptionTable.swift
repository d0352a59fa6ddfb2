package import Bytes
package import Linux

/// What one mount option asks for.
package enum MountOptionEffect: Equatable, Sendable {
  case nothing
  case set(MountAttributes)
  case clear(MountAttributes)
  case accessTime(AccessTime)
  /// `atime` says only that it is not `noatime`.
  case notAccessTime(AccessTime)
  case superblock(MountFlags, Bool)
  case bind(recursive: Bool)
  case remount
  case propagation(Mounting.Propagation, recursive: Bool)
  case recursiveSet(MountAttributes)
  case recursiveClear(MountAttributes)
  case recursiveAccessTime(AccessTime)
  case copyUp
  case idMap(recursive: Bool)
  case links(LinkRules)
}

/// What crun's options say of symbolic links, on a bind mount.
package struct LinkRules: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  /// A source that is a link is mounted itself.
  package static let keepSource = LinkRules(rawValue: 1)
  /// A destination that is a link is mounted over itself.
  package static let keepDestination = LinkRules(rawValue: 2)
  /// A source that is a link is made at the destination, and nothing is mounted.
  package static let copySource = LinkRules(rawValue: 4)
}

/// When reading a file changes its access time: one setting with three values, not three flags.
package enum AccessTime: Equatable, Sendable {
  case relative, never, always

  package var attributes: MountAttributes {
    switch self {
    case .relative: []
    case .never: .noAccessTime
    case .always: .strictAccessTime
    }
  }
}

/// Every mount option of the specification, three of crun's, and those that mount(8) keeps to itself.
///
/// `features` lists these names, and `MountOptions` acts on them: what is in the table is supported.
package enum MountOptionTable {
  package static let specified: [(name: StaticString, effect: MountOptionEffect)] = [
    ("async", .superblock(.synchronous, false)),
    ("atime", .notAccessTime(.never)),
    ("bind", .bind(recursive: false)),
    ("copy-symlink", .links(.copySource)),
    ("defaults", .nothing),
    ("dest-nofollow", .links(.keepDestination)),
    ("dev", .clear(.noDevices)),
    ("diratime", .clear(.noDirectoryAccessTime)),
    ("dirsync", .superblock(.directorySync, true)),
    ("exec", .clear(.noExecute)),
    ("idmap", .idMap(recursive: false)),
    ("iversion", .superblock(.inodeVersion, true)),
    ("lazytime", .superblock(.lazyTime, true)),
    ("loud", .superblock(.silent, false)),
    ("mand", .superblock(.mandatoryLocks, true)),
    ("noatime", .accessTime(.never)),
    ("nodev", .set(.noDevices)),
    ("nodiratime", .set(.noDirectoryAccessTime)),
    ("noexec", .set(.noExecute)),
    ("noiversion", .superblock(.inodeVersion, false)),
    ("nolazytime", .superblock(.lazyTime, false)),
    ("nomand", .superblock(.mandatoryLocks, false)),
    ("norelatime", .notAccessTime(.relative)),
    ("nostrictatime", .notAccessTime(.always)),
    ("nosuid", .set(.noSetUserID)),
    ("nosymfollow", .set(.noSymlinkFollow)),
    ("private", .propagation(.private, recursive: false)),
    // The three of a recursive access time that say "not" leave relatime, the kernel's default.
    ("ratime", .recursiveAccessTime(.relative)),
    ("rbind", .bind(recursive: true)),
    ("rdev", .recursiveClear(.noDevices)),
    ("rdiratime", .recursiveClear(.noDirectoryAccessTime)),
    ("relatime", .accessTime(.relative)),
    ("remount", .remount),
    ("rexec", .recursiveClear(.noExecute)),
    ("ridmap", .idMap(recursive: true)),
    ("rnoatime", .recursiveAccessTime(.never)),
    ("rnodev", .recursiveSet(.noDevices)),
    ("rnodiratime", .recursiveSet(.noDirectoryAccessTime)),
    ("rnoexec", .recursiveSet(.noExecute)),
    ("rnorelatime", .recursiveAccessTime(.relative)),
    ("rnostrictatime", .recursiveAccessTime(.relative)),
    ("rnosuid", .recursiveSet(.noSetUserID)),
    ("rnosymfollow", .recursiveSet(.noSymlinkFollow)),
    ("ro", .set(.readOnly)),
    ("rprivate", .propagation(.private, recursive: true)),
    ("rrelatime", .recursiveAccessTime(.relative)),
    ("rro", .recursiveSet(.readOnly)),
    ("rrw", .recursiveClear(.readOnly)),
    ("rshared", .propagation(.shared, recursive: true)),
    ("rslave", .propagation(.slave, recursive: true)),
    ("rstrictatime", .recursiveAccessTime(.always)),
    ("rsuid", .recursiveClear(.noSetUserID)),
    ("rsymfollow", .recursiveClear(.noSymlinkFollow)),
    ("runbindable", .propagation(.unbindable, recursive: true)),
    ("rw", .clear(.readOnly)),
    ("shared", .propagation(.shared, recursive: false)),
    ("silent", .superblock(.silent, true)),
    ("slave", .propagation(.slave, recursive: false)),
    ("src-nofollow", .links(.keepSource)),
    ("strictatime", .accessTime(.always)),
    ("suid", .clear(.noSetUserID)),
    ("symfollow", .clear(.noSymlinkFollow)),
    ("sync", .superblock(.synchronous, true)),
    ("tmpcopyup", .copyUp),
    ("unbindable", .propagation(.unbindable, recursive: false)),
  ]

  /// Names that mount(8) reads and the kernel never sees (MT-U2).
  private static let userspace: [StaticString] = [
    "_netdev", "auto", "group", "noauto", "nofail", "nogroup", "noowner", "nouser", "nousers",
    "owner", "user", "users",
  ]

  /// The names for `features`: what a config may really use (FT-4), sorted.
  package static var names: [ByteString] { specified.map { $0.name.text } }

  /// What `option` asks for; nil when it is for the filesystem.
  package static func effect(of option: ByteString) -> MountOptionEffect? {
    // What has a value is in neither table, and most options for a filesystem have one.
    if !option.contains(UInt8(ascii: "=")) {
      for entry in specified where option == entry.name { return entry.effect }
      for name in userspace where option == name { return .nothing }
    }
    let isComment =
      option.hasPrefix("x-") || option.hasPrefix("X-") || option.hasPrefix("comment=")
    return isComment ? .nothing : nil
  }
}

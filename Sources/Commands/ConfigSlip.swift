import Bytes
import Diagnosis
import JSON
import OCISpec
import Rootfs

/// A member of a document that was misspelt or stands at the wrong level, and so explains why another
/// one is missing or a rule is broken.
struct ConfigSlip {
  let member: UnknownMember
  /// Where it should have stood.
  private let meant: ByteString

  /// The first that would be one of `places`, be around one, or stand beside one in the same element of
  /// a list.
  static func find(
    in tree: JSONValue, _ document: UnknownMember.Document, for places: [ByteString]
  ) -> ConfigSlip? {
    for member in UnknownMember.find(in: tree, document, limit: 64) {
      let parent = parent(of: member.pointer)
      let meant: ByteString
      switch member.guess {
      case .nothing, .engineProfile: continue
      case .member(let name): meant = parent + "/" + name
      case .elsewhere(let place):
        meant = (place == "the top level" ? "" : place) + "/" + member.name
      }
      for place in places
      where place == meant || place.hasPrefix(meant + "/")
        || (isElement(parent) && self.parent(of: place) == parent)
      {
        return ConfigSlip(member: member, meant: meant)
      }
    }
    return nil
  }

  func diagnosis(_ code: DiagnosisCode) -> Diagnosis {
    Diagnosis(
      code, "the unknown member " + member.pointer + " is probably meant for " + meant, hint: hint)
  }

  var hint: ByteString {
    let shown = "`" + member.name.escaped(limit: 64) + "`"
    if case .member(let name) = member.guess {
      return "did you mean `" + name + "` by " + shown + "?"
    }
    return "move " + shown + " to " + ConfigSlip.parent(of: meant).orTop
  }

  private static func parent(of pointer: ByteString) -> ByteString {
    pointer.prefix(pointer.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)
  }

  private static func isElement(_ pointer: ByteString) -> Bool {
    pointer.split(on: UInt8(ascii: "/")).last?.unsignedDecimal != nil
  }
}

extension ByteString {
  fileprivate var orTop: ByteString { isEmpty ? "the top level" : self }
}

/// A document of another kind than a bundle's configuration: all that is wrong with it follows from that.
struct OtherDocument {
  let diagnosis: Diagnosis

  init?(_ tree: JSONValue?, _ document: UnknownMember.Document) {
    var found: (what: ByteString, hint: ByteString)?
    let unpack: ByteString = "unpack the image to a bundle first, or begin with `apus spec`"
    switch tree {
    case .object(let object)? where document == .process:
      guard object["process"] != nil, object["args"] == nil else { return nil }
      found = ("this is a whole configuration", "give the object below its `process`")
    case .object(let object)? where object["root"] == nil && object["process"] == nil:
      func has(_ name: ByteString) -> Bool { object[name] != nil }
      if has("config") || has("history") || has("rootfs"), has("architecture") || has("rootfs") {
        found = ("this is the configuration of an image, not of a bundle", unpack)
      } else if has("layers") || has("manifests") || has("schemaVersion") {
        found = (
          "this is the manifest or index of an image, not the config.json of a bundle", unpack
        )
      } else if has("status"), has("id"), has("bundle") {
        found = (
          "this is the state of a container, not its configuration",
          "the configuration is config.json in its bundle"
        )
      } else if has("args"), has("cwd") {
        found = (
          "this is a process, as `apus exec --process` takes it, not a configuration",
          "put it below `process` of a config.json (`apus spec` writes one)"
        )
      }
    case .array(let elements)? where document == .config:
      guard case .object(let object)? = elements.first else { return nil }
      if object["HostConfig"] != nil || object["State"] != nil {
        found = (
          "this is what `docker inspect` says of a container, not the config.json of a bundle",
          "begin with `apus spec`, and take its command, environment and mounts over"
        )
      } else if object["Layers"] != nil || object["RootFS"] != nil || object["RepoTags"] != nil {
        found = ("this describes an image, and is not the config.json of a bundle", unpack)
      } else if object["ociVersion"] != nil {
        found = ("the configuration stands in a list", "remove the brackets [ ] around it")
      }
    case .null, .bool, .number, .string, .array, .object, nil: break
    }
    guard let found else { return nil }
    diagnosis = Diagnosis(.configImage, found.what, hint: found.hint)
  }
}

/// Words of the specification as people know them from elsewhere.
enum KnownWord {
  static func meant(by given: ByteString, among words: [ByteString]) -> ByteString? {
    // `NOFILE` for `RLIMIT_NOFILE`, `ALLOW` for `SCMP_ACT_ALLOW`.
    let tail = "_" + given.uppercased
    if let whole = words.first(where: { $0.hasSuffix(tail) }) { return whole }
    // `SCMP_ARCH_AMD64` is meant as `amd64` is.
    let lower = given.lowercased
    let prefixes: [ByteString] = ["scmp_arch_", "scmp_act_", "rlimit_", "sched_"]
    let bare = prefixes.first { lower.hasPrefix($0) }.map { lower.dropFirst($0.count) }
    if let note = synonyms.note(of: lower) ?? bare.flatMap({ synonyms.note(of: $0) }) {
      let word = ByteString(note)
      if words.contains(word) { return word }
    }
    return given.nearest(among: words)
  }

  private static var synonyms: NameTable {
    NameTable(
      """
      amd64:SCMP_ARCH_X86_64 x86-64:SCMP_ARCH_X86_64 i386:SCMP_ARCH_X86 i686:SCMP_ARCH_X86 \
      arm64:SCMP_ARCH_AARCH64 armhf:SCMP_ARCH_ARM armv7:SCMP_ARCH_ARM deny:SCMP_ACT_ERRNO allowed:SCMP_ACT_ALLOW scmp_act_deny:SCMP_ACT_ERRNO \
      scmp_act_block:SCMP_ACT_ERRNO ==:SCMP_CMP_EQ !=:SCMP_CMP_NE <:SCMP_CMP_LT <=:SCMP_CMP_LE \
      >:SCMP_CMP_GT >=:SCMP_CMP_GE best-effort:IOPRIO_CLASS_BE realtime:IOPRIO_CLASS_RT \
      fifo:SCHED_FIFO normal:SCHED_OTHER sched_normal:SCHED_OTHER openfiles:RLIMIT_NOFILE \
      boot:boottime hostname:uts netns:network userns:user pidns:pid mnt:mount char:c block:b \
      character:c fifo:p filesystem:mount
      """)
  }

  /// What to do about an option of a mount that is none; nil if nothing is like it.
  static func mountOption(_ option: ByteString) -> ByteString? {
    if option.contains(UInt8(ascii: ",")) {
      return "give each option a string of its own: "
        + ByteString.listInJSON(option.split(on: UInt8(ascii: ",")))
    }
    let name = option.cut(at: UInt8(ascii: "="))?.before ?? option
    switch name.lowercased {
    case "readonly", "read-only", "readonly=true": return "did you mean `ro`?"
    case "readwrite", "read-write": return "did you mean `rw`?"
    case "recursive": return "did you mean `rbind`?"
    case "z": return "relabel the source on the host, or use /linux/mountLabel"
    default: break
    }
    return option.nearest(among: MountOptionTable.names).map { "did you mean `" + $0 + "`?" }
  }
}

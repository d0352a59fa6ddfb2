import Bytes
package import JSON

extension Process: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process {
    try read(value, user: nil)
  }

  /// A file of its own, for `exec`; `user` is who it is if the file does not say.
  package static func decode(_ text: [UInt8], user: User?) throws(ConfigError) -> Process {
    try read(try parsed(text), user: user)
  }

  private static func read(_ value: JSONValue, user: User?) throws(ConfigError) -> Process {
    let object = try Read.object(value)
    let process = Process(
      terminal: try object.optional("terminal", Read.flag) ?? false,
      consoleSize: try object.optional("consoleSize", ConsoleSize.read),
      cwd: try object.required("cwd", Read.path),
      env: try object.list("env", limit: Bound.arguments, Read.argument),
      args: try object.required("args", Read.arguments),
      user: try object.optional("user", User.read) ?? user
        ?? User(uid: 0, gid: 0, missing: ["uid", "gid"]),
      rlimits: try object.list("rlimits", limit: Bound.rlimits, ResourceLimit.read),
      capabilities: try object.optional("capabilities", Capabilities.read),
      noNewPrivileges: try object.optional("noNewPrivileges", Read.flag) ?? false,
      oomScoreAdj: try object.optional("oomScoreAdj", Read.integer),
      apparmorProfile: try object.nonEmpty("apparmorProfile"),
      selinuxLabel: try object.nonEmpty("selinuxLabel"),
      scheduler: try object.optional("scheduler", Scheduler.read),
      ioPriority: try object.optional("ioPriority", IOPriority.read),
      execCPUAffinity: try object.optional("execCPUAffinity", CPUAffinity.read))
    let bytes = (process.args + process.env).reduce(0) { $0 + $1.count + 1 }
    guard bytes < Bound.argumentBytes else {
      throw ConfigError("", "args and env are larger than 6 MiB")
    }
    return process
  }
}

extension Process.ConsoleSize: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.ConsoleSize {
    let object = try Read.object(value)
    return Process.ConsoleSize(
      height: try object.required("height", Read.integer),
      width: try object.required("width", Read.integer))
  }
}

extension Process.User: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.User {
    let object = try Read.object(value)
    let uid: UInt32? = try object.optional("uid", Read.integer)
    let gid: UInt32? = try object.optional("gid", Read.integer)
    return Process.User(
      uid: uid ?? 0, gid: gid ?? 0,
      umask: try object.optional("umask", Read.integer),
      additionalGids: try object.list("additionalGids", limit: Bound.groups, Read.integer),
      missing: (uid == nil ? ["uid"] : []) + (gid == nil ? ["gid"] : []),
      username: try object.optional("username", Read.text) ?? "")
  }
}

extension Process.ResourceLimit: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.ResourceLimit {
    let object = try Read.object(value)
    return Process.ResourceLimit(
      type: try object.required("type", Read.text),
      soft: try object.required("soft", Read.integer),
      hard: try object.required("hard", Read.integer))
  }
}

extension Process.Capabilities: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.Capabilities {
    let object = try Read.object(value)
    return Process.Capabilities(
      bounding: try object.list("bounding", Read.text),
      effective: try object.list("effective", Read.text),
      inheritable: try object.list("inheritable", Read.text),
      permitted: try object.list("permitted", Read.text),
      ambient: try object.list("ambient", Read.text))
  }
}

extension Process.Scheduler: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.Scheduler {
    let object = try Read.object(value)
    return Process.Scheduler(
      policy: try object.required("policy", Read.text),
      nice: try object.optional("nice", Read.integer) ?? 0,
      priority: try object.optional("priority", Read.integer) ?? 0,
      flags: try object.list("flags", Read.text),
      runtime: try object.optional("runtime", Read.integer) ?? 0,
      deadline: try object.optional("deadline", Read.integer) ?? 0,
      period: try object.optional("period", Read.integer) ?? 0)
  }
}

extension Process.IOPriority: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.IOPriority {
    let object = try Read.object(value)
    return Process.IOPriority(
      ioClass: try object.required("class", Read.text),
      priority: try object.optional("priority", Read.integer) ?? 0)
  }
}

extension Process.CPUAffinity: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Process.CPUAffinity {
    let object = try Read.object(value)
    return Process.CPUAffinity(
      initial: try object.nonEmpty("initial"),
      final: try object.nonEmpty("final"))
  }
}

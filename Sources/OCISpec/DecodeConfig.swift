import Bytes
package import JSON

extension Config: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Config {
    try read(value, forExec: false)
  }

  /// - Parameter forExec: of the copy that `create` checked, what a process that joins the container is planned
  ///   from: without mounts, hooks, devices, limits and masks, which say what the container has already.
  package static func read(_ value: JSONValue, forExec: Bool) throws(ConfigError) -> Config {
    let object = try Read.object(value)
    return Config(
      ociVersion: try object.required("ociVersion", SpecVersion.read),
      root: try object.required("root", Root.read),
      mounts: forExec ? [] : try object.list("mounts", Mount.read),
      process: try object.optional("process", Process.read),
      hostname: try object.nonEmpty("hostname"),
      domainname: try object.nonEmpty("domainname"),
      hooks: forExec
        ? HooksSection() : try object.optional("hooks", HooksSection.read) ?? HooksSection(),
      annotations: try object.map("annotations", Read.text),
      linux: try object.optional("linux") { (value) throws(ConfigError) in
        try LinuxSection.read(value, forExec: forExec)
      } ?? LinuxSection())
  }
}

extension SpecVersion {
  /// Any version 1: a newer minor differs by properties that are ignored (VE-1, VE-2).
  fileprivate static func read(_ value: JSONValue) throws(ConfigError) -> ByteString {
    let version = try Read.text(value)
    guard let major = semanticMajor(version) else {
      throw ConfigError("", quoted(version) + " is not a semantic version")
    }
    guard major == 1 else {
      throw ConfigError("", "version " + quoted(version) + " is not supported, only 1.x.y is")
    }
    return version
  }
}

extension Config.Root: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Config.Root {
    let object = try Read.object(value)
    return Config.Root(
      path: try object.required("path", Read.path),
      readonly: try object.optional("readonly", Read.flag) ?? false)
  }
}

extension Mount: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Mount {
    let object = try Read.object(value)
    return Mount(
      destination: try object.required("destination", Read.path),
      type: try object.nonEmpty("type"),
      source: try object.nonEmpty("source", source),
      options: try object.list("options", Read.text),
      uidMappings: try object.list("uidMappings", limit: Bound.mappings, IDMapping.read),
      gidMappings: try object.list("gidMappings", limit: Bound.mappings, IDMapping.read))
  }

  /// A path, or any name that the filesystem takes for one.
  private static func source(_ value: JSONValue) throws(ConfigError) -> ByteString {
    let source = try Read.text(value)
    guard source.count < Bound.path else { throw ConfigError("", "longer than 4095 bytes") }
    return source
  }
}

extension IDMapping: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> IDMapping {
    let object = try Read.object(value)
    return IDMapping(
      containerID: try object.required("containerID", Read.integer),
      hostID: try object.required("hostID", Read.integer),
      size: try object.required("size", Read.integer))
  }
}

extension HooksSection: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> HooksSection {
    let object = try Read.object(value)
    return HooksSection(
      prestart: try object.list("prestart", limit: Bound.hooks, Hook.read),
      createRuntime: try object.list("createRuntime", limit: Bound.hooks, Hook.read),
      createContainer: try object.list("createContainer", limit: Bound.hooks, Hook.read),
      startContainer: try object.list("startContainer", limit: Bound.hooks, Hook.read),
      poststart: try object.list("poststart", limit: Bound.hooks, Hook.read),
      poststop: try object.list("poststop", limit: Bound.hooks, Hook.read))
  }
}

extension Hook: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Hook {
    let object = try Read.object(value)
    return Hook(
      path: try object.required("path", Read.path),
      args: try object.optional("args", Read.arguments),
      env: try object.optional("env", Read.arguments),
      timeout: try object.optional("timeout", Read.integer))
  }
}

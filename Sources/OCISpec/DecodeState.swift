import Bytes
package import JSON

extension State: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> State {
    let object = try Read.object(value)
    let extras = try object.optional("created", Read.text).map { (created) throws(ConfigError) in
      Extras(
        rootfs: try object.optional("rootfs", Read.path) ?? "",
        created: created,
        owner: try object.optional("owner", Read.text) ?? "")
    }
    return State(
      id: try object.required("id", Read.text),
      status: try object.required("status", Status.read),
      pid: try object.optional("pid", Read.integer),
      bundle: try object.required("bundle", Read.path),
      annotations: try object.map("annotations", Read.text),
      extras: extras)
  }
}

extension State.Status: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> State.Status {
    let name = try Read.text(value)
    for status in allCases where status.name == name { return status }
    throw ConfigError("", "unknown status " + quoted(name))
  }
}

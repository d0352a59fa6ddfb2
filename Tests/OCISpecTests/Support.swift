import Bytes
import OCISpec
import Testing

func decode<Document: JSONReadable>(_ text: String) throws(ConfigError) -> Document {
  try Document.decode([UInt8](text.utf8))
}

/// The message of the error that `text` is refused with, nil if it is not.
func refusal<Document: JSONReadable>(of text: String, as: Document.Type = Config.self) -> String? {
  do throws(ConfigError) {
    _ = try decode(text) as Document
    return nil
  } catch {
    return error.message.description
  }
}

/// A config with `members` beside the required ones.
func config(_ members: String) -> String {
  #"{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, \#(members)}"#
}

/// A config with `members` in its process beside the required ones.
func process(_ members: String) -> String {
  let required = #""user": {"uid": 0, "gid": 0}, "args": ["true"], "cwd": "/""#
  return config(#""process": {\#(required)\#(members.isEmpty ? "" : ", ")\#(members)}"#)
}

/// A config with `members` in its linux section.
func linux(_ members: String) -> String { config(#""linux": {\#(members)}"#) }

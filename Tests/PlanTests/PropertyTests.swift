import Bytes
import Cgroups
import OCISpec
import TestSupport
import Testing

@testable import JSON
@testable import Plan

/// Every property of the good configs, changed in one place and planned again: what a plan's text does
/// not show, a golden plan does not hold.
@Suite("Plan: no property is silently ignored")
struct PropertyTests {
  /// The plan, or what it is refused for.
  private func outcome(_ document: JSONValue) -> (text: ByteString, refused: ByteString?) {
    do throws(ConfigError) {
      let plan = try CreatePlan.make(
        try Config.read(document),
        CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
      return (plan.text, nil)
    } catch {
      return (error.message, error.pointer)
    }
  }

  @Test("VV-1: each property can be seen in some plan, or is what a plan is refused for")
  func visible() throws {
    var invisible: Set<String> = []
    // Any version 1 is planned alike (VE-2).
    var visible: Set<String> = ["/ociVersion"]
    for name in try SpecFixtures.names(in: "good") {
      let document = try JSONValue.parse(try SpecFixtures.read("good/\(name).json"))
      let plain = outcome(document)
      for change in Change.all(of: document) where !visible.contains(change.path) {
        if plain.refused.map({ change.isAt($0) }) == true
          || outcome(change.document).text != plain.text
        {
          visible.insert(change.path)
        } else {
          invisible.insert(change.path)
        }
      }
    }
    #expect(visible.count > 150)
    #expect(invisible.subtracting(visible).sorted() == [])
  }
}

/// A document that differs from another in one value.
private struct Change {
  /// Numbers of elements and names of the reader's own are `*`.
  let path: String
  let document: JSONValue

  /// Whether `pointer` is where the change is, or above it.
  func isAt(_ pointer: ByteString) -> Bool {
    let there = pointer.split(on: UInt8(ascii: "/")).map { $0.unsignedDecimal == nil ? $0 : "*" }
    return ByteString(path).split(on: UInt8(ascii: "/")).starts(with: there)
  }

  static func all(of document: JSONValue) -> [Change] { changes(document, "") }

  /// Properties whose members have names of the reader's own.
  private static let maps = [
    "/annotations", "/linux/sysctl", "/linux/netDevices", "/linux/resources/rdma",
    "/linux/resources/unified",
  ]

  private static func changes(_ value: JSONValue, _ path: String) -> [Change] {
    switch value {
    case .null: return []
    case .bool(let flag): return [Change(path: path, document: .bool(!flag))]
    case .number(let digits):
      let changed: ByteString = digits == "1" ? "2" : "1"
      return [Change(path: path, document: .number(changed))]
    case .string(let text): return [Change(path: path, document: .string(text + "x"))]
    case .array(let elements):
      // The rest of a long list is like its beginning.
      return elements.indices.prefix(16).flatMap { index in
        changes(elements[index], path + "/*").map { change in
          var elements = elements
          elements[index] = change.document
          return Change(path: change.path, document: .array(elements))
        }
      }
    case .object(let object):
      return object.members.flatMap { member in
        let name = maps.contains(path) ? "*" : member.name.description
        return changes(member.value, path + "/" + name).map { change in
          // In its place: the order of a map is seen in the plan.
          let members = object.members.map {
            $0.name == member.name ? JSONObject.Member(name: $0.name, value: change.document) : $0
          }
          return Change(path: change.path, document: .object(JSONObject(members)))
        }
      }
    }
  }
}

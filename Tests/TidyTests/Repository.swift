import Foundation
import Testing

/// The repository, from this file's place in it.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  static func names(in directory: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: directory).path)
    return (names ?? []).sorted()
  }

  /// Every file below `directory`, as a path from the root.
  static func files(below directory: String) -> [String] {
    let walk = FileManager.default.enumerator(atPath: root.appending(path: directory).path)
    var files: [String] = []
    while let name = walk?.nextObject() as? String {
      let type = walk?.fileAttributes?[.type] as? FileAttributeType
      if type == .typeRegular { files.append(directory + "/" + name) }
    }
    return files.sorted()
  }

  static var swiftFiles: [SourceText] {
    (files(below: "Sources") + files(below: "Tests"))
      .filter { $0.hasSuffix(".swift") }
      .map { SourceText(path: $0, text: text($0) ?? "") }
  }

  static var layers: LayerTable { LayerTable(document: text("docs/ARCHITECTURE.md") ?? "") }

  /// Targets of Swift: those directories that hold Swift files.
  static var modules: [String] {
    names(in: "Sources").filter { module in
      names(in: "Sources/" + module).contains { $0.hasSuffix(".swift") }
    }
  }
}

/// One issue for each problem.
func report(_ problems: [String]) {
  for problem in problems { Issue.record(Comment(rawValue: problem)) }
}

import Bytes
package import JSON
import Linux
package import OCISpec
package import Plan
import Seccomp
package import StateStore

/// A configuration as it is read to create or join a container: without its filter, if that was made for a
/// section written like this before. A profile is most of the text.
package struct ConfigReading {
  /// Without a filter that is known.
  package let document: JSONValue
  package let config: Config
  private let text: [UInt8]

  /// - Parameters:
  ///   - needsRules: somebody looks at more of the filter than the program.
  ///   - container: the one that a process joins, which is planned from only a part of the text.
  package init(
    _ text: [UInt8], needsRules: Bool = false, execIn container: StateDirectory? = nil,
    _ context: CommandContext
  ) throws(ConfigError) {
    self.text = text
    let forExec = container != nil
    if !needsRules, let cut = ConfigReading.cut(text),
      let known = ConfigReading.known(cut.value, container, context),
      let (document, config) = ConfigReading.read(cut.rest, known, forExec: forExec)
    {
      (self.document, self.config) = (document, config)
    } else {
      document = try Config.parsed(text)
      config = try Config.read(document, forExec: forExec)
    }
  }

  /// A filter that is made of rules that were read is remembered, if there is nothing else to tell of them.
  package func note(in plan: inout ExecutionPlan) {
    guard let section = config.linux.seccomp, section.known == nil,
      section.listenerPath == nil, section.listenerMetadata == nil,
      plan.seccomp?.listener == nil, let cut = ConfigReading.cut(text)
    else { return }
    let unknown = UnknownMember.find(in: document, limit: 1 << 10)
    if unknown.count == 1 << 10
      || unknown.contains(where: { $0.pointer.hasPrefix("/linux/seccomp/") })
    {
      return
    }
    plan.seccomp?.text = cut.value
  }

  /// The plan with the rules of a filter that was known without them: for what is told of a failure.
  package static func withRules(
    _ plan: CreatePlan, of text: [UInt8], _ context: CommandContext
  ) -> CreatePlan {
    guard let filter = plan.exec.seccomp, filter.known != nil else { return plan }
    var result = plan
    do throws(ConfigError) {
      let section = try Config.read(try Config.parsed(text)).linux.seccomp
      result.exec.seccomp = try SeccompPlan.make(
        section, noNewPrivileges: !filter.needsRights, kernel: context.host.kernel,
        pointer: filter.pointer)
      return result
    } catch {
      return plan
    }
  }

  private static func cut(_ text: [UInt8]) -> JSONCut? {
    // What is shorter is read sooner.
    text.count < 4096 ? nil : JSONCut(text, ["linux", "seccomp"])
  }

  private static func known(
    _ section: ArraySlice<UInt8>, _ container: StateDirectory?, _ context: CommandContext
  ) -> KnownFilter? {
    // What is wrong with the state root is said where it is needed.
    do throws(StateError) {
      let directory =
        if let container { try container.existingFilterCache() } else {
          try context.root.existingFilterCache()
        }
      guard let directory else { return nil }
      return FilterCache(directory: directory.handle).known(section, kernel: context.host.kernel)
    } catch {
      return nil
    }
  }

  /// The section is JSON, as it was before, so the text is if it is with something else in its place. Nil
  /// for what is not: the whole text gives the error and its place.
  private static func read(_ rest: [UInt8], _ known: KnownFilter, forExec: Bool)
    -> (JSONValue, Config)?
  {
    do throws(ConfigError) {
      let document = try Config.parsed(rest)
      // No other member is called so, however it may be spelled: the parser refuses that.
      guard case .object(let top) = document, case .object(let linux)? = top["linux"],
        linux["seccomp"] == .null
      else { return nil }
      var config = try Config.read(document, forExec: forExec)
      config.linux.seccomp = SeccompSection(known: known)
      return (document, config)
    } catch {
      return nil
    }
  }
}

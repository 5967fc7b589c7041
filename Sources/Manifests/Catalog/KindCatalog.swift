package import StackModel
import Synchronization
import YAMLTree

/// The kinds found under a list of template folders: `<root>/<Kind>/kind.yaml` and `schema.json`.
///
/// A kind in an earlier root hides one of the same name in a later. Nothing is read before it is asked
/// for, and what was read is kept.
package final class KindCatalog: Sendable {
  /// In the order in which they are searched. A root that does not exist holds no kinds.
  package let roots: [String]
  private let found = Mutex<[String: Lookup]>([:])
  private let names = Mutex<[String]?>(nil)
  /// Kind by alias, gathered when a kind is first asked for that has no folder.
  private let aliases = Mutex<[String: String]?>(nil)

  package init(roots: [String]) { self.roots = roots }

  package enum Lookup: Sendable {
    case found(KindDefinition)
    /// No folder has this name; perhaps another was meant.
    case unknown(nearest: String?)
    /// The folder is there and its files are wrong.
    case broken([Diagnostic])
  }

  /// The names of all kinds, sorted.
  package func kindNames() -> [String] {
    names.withLock { names in
      if let names { return names }
      let all = roots.flatMap { root in
        Directory.entries(root).filter { Directory.isFile("\(root)/\($0)/kind.yaml") }
      }
      let sorted = Set(all).sorted()
      names = sorted
      return sorted
    }
  }

  /// What each kind's `kind.yaml` says; schemas are not read.
  package func summaries() -> (kinds: [KindSummary], diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let kinds = kindNames().compactMap { name in
      directory(of: name).flatMap { directory in
        let (file, problems) = KindFile.read(directory: directory, kind: name)
        diagnostics += problems
        return file?.summary
      }
    }
    return (kinds, diagnostics)
  }

  package func find(_ kind: String) -> Lookup {
    found.withLock { found in
      if let known = found[kind] { return known }
      let lookup = load(kind)
      // A wrong name costs a search each time, but names from outside cannot fill the memory.
      if case .unknown = lookup { return lookup }
      found[kind] = lookup
      return lookup
    }
  }

  /// The folder that defines a kind.
  package func directory(of kind: String) -> String? {
    guard Self.isKindName(kind) else { return nil }
    return roots.lazy.map { "\($0)/\(kind)" }.first { Directory.isFile("\($0)/kind.yaml") }
  }

  /// The kind that an alias stands for. A folder of that name comes before an alias; of two kinds that
  /// claim one alias the first by name has it.
  private func kind(byAlias alias: String) -> String? { aliasTable()[alias] }

  private func aliasTable() -> [String: String] {
    aliases.withLock { aliases in
      if let aliases { return aliases }
      var table: [String: String] = [:]
      for name in kindNames() {
        guard let directory = directory(of: name),
          let file = KindFile.read(directory: directory, kind: name).file
        else { continue }
        for alias in file.aliases where table[alias] == nil { table[alias] = name }
      }
      aliases = table
      return table
    }
  }

  private func load(_ name: String) -> Lookup {
    var kind = name
    if directory(of: kind) == nil, let meant = self.kind(byAlias: name) { kind = meant }
    guard let directory = directory(of: kind) else {
      return .unknown(nearest: Suggestion.nearest(to: name, among: kindNames() + aliasTable().keys.sorted()))
    }
    let (file, problems) = KindFile.read(directory: directory, kind: kind)
    guard let file else { return .broken(problems) }
    let (schema, schemaProblems) = SchemaFile.read("\(directory)/schema.json")
    guard let schema else { return .broken(problems + schemaProblems) }
    let pathProblems = file.pathsUnknown(to: schema)
    return pathProblems.isEmpty ? .found(file.definition(schema: schema)) : .broken(pathProblems)
  }

  /// A kind's name becomes part of a path, so it may hold nothing that moves to another folder.
  private static func isKindName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        byte.isDigit || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
      }
  }
}

import Synchronization
import YAMLTree

/// Where in a schema each property name is declared, for "`port` belongs under spec.container".
///
/// Gathered when the first unknown field is met.
final class FieldPlaces: Sendable {
  struct Place: Sendable, Hashable {
    /// The property as the schema spells it.
    var name: String
    /// The object that has it, lists as `[]`; empty for the document.
    var parent: String

    /// The object in a sentence.
    var parentName: String { parent.isEmpty ? "the top level" : parent }
    var path: String { parent.isEmpty ? name : "\(parent).\(name)" }
  }

  /// By name without underscores and letter case.
  private let table = Mutex<[String: [Place]]?>(nil)
  /// Deep enough for any kind; bounds recursive schemas.
  private static let depthLimit = 8

  /// The places of a property, shortest path first.
  func places(of name: String, in schema: JSONSchema) -> [Place] {
    table.withLock { table in
      if table == nil {
        var found: [String: [Place]] = [:]
        Self.gather(schema, JSONSchema.rootID, "", 0, &found)
        table = found.mapValues { places in
          places.sorted { ($0.parent.utf8.count, $0.parent) < ($1.parent.utf8.count, $1.parent) }
        }
      }
      return table?[Self.key(name)] ?? []
    }
  }

  private static func key(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }

  private static func gather(
    _ schema: JSONSchema,
    _ id: JSONSchema.ID,
    _ path: String,
    _ depth: Int,
    _ found: inout [String: [Place]]
  ) {
    guard depth < depthLimit else { return }
    let node = schema[id]
    for (name, child) in node.properties.entries {
      let place = Place(name: name, parent: path)
      if found[key(name)]?.contains(place) != true { found[key(name), default: []].append(place) }
      gather(schema, child, path.isEmpty ? name : "\(path).\(name)", depth + 1, &found)
    }
    if let items = node.items { gather(schema, items, path + "[]", depth + 1, &found) }
    for same in node.sameValue {
      gather(schema, same, path, depth + 1, &found)
    }
  }
}

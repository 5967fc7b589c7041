import Synchronization
import YAMLTree

/// Where in a schema each property name is declared, for "`port` belongs under spec.container".
///
/// Gathered when the first unknown field is met.
final class FieldPlaces: Sendable {
  private let table = Mutex<[String: [String]]?>(nil)
  /// Deep enough for any kind; bounds recursive schemas.
  private static let depthLimit = 8

  /// The paths of the objects that have a property, shortest first.
  func parents(of name: String, in schema: JSONSchema) -> [String] {
    table.withLock { table in
      if table == nil {
        var found: [String: [String]] = [:]
        Self.gather(schema, JSONSchema.rootID, "", 0, &found)
        table = found.mapValues { paths in
          paths.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        }
      }
      return table?[name] ?? []
    }
  }

  private static func gather(
    _ schema: JSONSchema,
    _ id: JSONSchema.ID,
    _ path: String,
    _ depth: Int,
    _ found: inout [String: [String]]
  ) {
    guard depth < depthLimit else { return }
    let node = schema[id]
    for (name, child) in node.properties.entries {
      if found[name]?.contains(path) != true { found[name, default: []].append(path) }
      gather(schema, child, path.isEmpty ? name : "\(path).\(name)", depth + 1, &found)
    }
    if let items = node.items { gather(schema, items, path + "[]", depth + 1, &found) }
    for same in node.sameValue {
      gather(schema, same, path, depth + 1, &found)
    }
  }
}

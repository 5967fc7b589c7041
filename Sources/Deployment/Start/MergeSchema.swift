import LocalFiles
package import Manifests
package import StackModel

/// What kustomize has to know of our kinds: which lists are merged by a key. Of a kind it does not know it
/// replaces a list whole, and an overlay that changes one port would lose the others.
package enum MergeSchema {
  package static let fileName = "openapi.json"

  /// The document for the field `openapi` of a kustomization.
  package static func document(_ kinds: [KindDefinition]) -> Result<JSONValue, DiagnosticFailure> {
    var definitions = JSONObject()
    for kind in kinds {
      let file = "\(kind.directory)/schema.json"
      let schema: JSONValue
      do {
        schema = try JSONValue(parsing: LocalFiles.read(file))
      } catch {
        return .failure(
          DiagnosticFailure(.error("file.unreadable", "\(error)", at: SourceLocation(file: file)))
        )
      }
      var definition = keyed(schema, in: schema, depth: 0) ?? ["type": "object"]
      if var object = definition.object {
        object["x-kubernetes-group-version-kind"] = .array(names(kind))
        definition = .object(object)
      }
      definitions["stackjob.\(kind.kind)"] = definition
    }
    return .success(["definitions": .object(definitions)])
  }

  /// A manifest may give any name and any version of its kind.
  private static func names(_ kind: KindDefinition) -> [JSONValue] {
    ([kind.kind] + kind.aliases).flatMap { name in
      kind.apiVersions.map { version in
        let parts = version.split(separator: "/", maxSplits: 1).map(String.init)
        return [
          "group": .string(parts.count == 2 ? parts[0] : ""), "version": .string(parts.last ?? ""),
          "kind": .string(name),
        ]
      }
    }
  }

  /// Schemas of kinds refer to themselves nowhere; this ends one that does.
  private static let deepest = 20

  /// The part of a schema that leads to lists with a key; nil when there are none below it.
  private static func keyed(_ schema: JSONValue, in root: JSONValue, depth: Int) -> JSONValue? {
    guard depth < deepest else { return nil }
    let variants = alternatives(schema, in: root, depth: depth)
    var properties = JSONObject()
    for variant in variants {
      for (name, child) in variant["properties"]?.object ?? [:] where properties[name] == nil {
        properties[name] = keyed(child, in: root, depth: depth + 1)
      }
    }
    for variant in variants {
      guard let items = variant["items"], let key = key(of: items, in: root, depth: depth) else { continue }
      // Beside the list form there may be a map, which kustomize merges by itself.
      return [
        "type": "array", "x-kubernetes-patch-merge-key": .string(key),
        "x-kubernetes-patch-strategy": "merge",
        "items": keyed(items, in: root, depth: depth + 1) ?? ["type": "object"],
      ]
    }
    return properties.isEmpty ? nil : ["type": "object", "properties": .object(properties)]
  }

  /// The schema itself and all that it refers to or chooses between.
  private static func alternatives(_ schema: JSONValue, in root: JSONValue, depth: Int) -> [JSONValue] {
    guard depth < deepest else { return [] }
    var found = [schema]
    if let reference = schema["$ref"]?.string, reference.hasPrefix("#/$defs/"),
      let target = root["$defs"]?[String(reference.dropFirst("#/$defs/".count))]
    {
      found += alternatives(target, in: root, depth: depth + 1)
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
      for choice in schema[keyword]?.array ?? [] { found += alternatives(choice, in: root, depth: depth + 1) }
    }
    return found
  }

  /// What tells the elements of a list apart: their name, where each must have one and it stands first, or the
  /// port of a container.
  private static func key(of items: JSONValue, in root: JSONValue, depth: Int) -> String? {
    for variant in alternatives(items, in: root, depth: depth + 1) {
      let required = (variant["required"]?.array ?? []).compactMap(\.string)
      if required.contains("name"), variant["properties"]?.object?.keys.first == "name" { return "name" }
      if required.contains("containerPort") { return "containerPort" }
    }
    return nil
  }
}

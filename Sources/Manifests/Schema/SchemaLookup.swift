import StackModel
import YAMLTree

extension JSONSchema {
  /// A subschema with its `$ref` followed; what stands beside the `$ref` comes first.
  func resolved(_ id: ID) -> Node {
    var node = nodes[id]
    guard let ref = node.ref else { return node }
    let target = resolved(ref)
    var merged = target
    merged.title = node.title ?? target.title
    merged.description = node.description ?? target.description
    merged.defaultValue = node.defaultValue ?? target.defaultValue
    merged.isDeprecated = node.isDeprecated || target.isDeprecated
    merged.format = node.format ?? target.format
    if !node.examples.isEmpty { merged.examples = node.examples }
    if !node.types.isEmpty { merged.types = node.types }
    if let allowed = node.allowed { merged.allowed = allowed }
    node = merged
    return node
  }

  /// The types a value may have, branches taken together; empty when any will do.
  func effectiveTypes(_ id: ID) -> TypeSet {
    let node = resolved(id)
    if !node.types.isEmpty { return node.types }
    var types: TypeSet = []
    for branch in node.anyOf + node.oneOf {
      let branchTypes = effectiveTypes(branch)
      if branchTypes.isEmpty { return [] }
      types.formUnion(branchTypes)
    }
    return types
  }

  /// The subschemas that a field's value must or may satisfy, branches taken one by one.
  func variants(_ id: ID) -> [Node] {
    let node = resolved(id)
    return [node] + (node.anyOf + node.oneOf).flatMap { variants($0) }
  }

  /// The subschema of a step below another, and the step as the schema spells it.
  func child(of id: ID, _ step: FieldPath.Step) -> (id: ID, step: FieldPath.Step)? {
    for node in variants(id) {
      switch step {
      case .index: if let items = node.items { return (items, step) }
      case .key(let key):
        if let property = node.properties[key] { return (property, step) }
        let camel = Check.camelCase(key)
        if let property = node.properties[camel] { return (property, .key(camel)) }
        for (pattern, schema) in node.patternProperties where pattern.matches(key) == true {
          return (schema, step)
        }
        if let additional = node.additionalProperties, !nodes[additional].isNever {
          return (additional, step)
        }
      }
    }
    return nil
  }

  /// The subschema at a path; nil when the schema says nothing about it.
  func lookup(_ path: FieldPath) -> ID? {
    path.steps.reduce(Optional(Self.rootID)) { id, step in id.flatMap { child(of: $0, step)?.id } }
  }

  /// The property names that may stand below a subschema.
  func fieldNames(of id: ID) -> [String] {
    var names: [String] = []
    for name in variants(id).flatMap(\.properties.names) where !names.contains(name) { names.append(name) }
    return names
  }

  /// Whether fields that the schema does not name may stand below a subschema.
  func isOpen(_ id: ID) -> Bool {
    variants(id).contains { node in
      let takesMaps =
        node.types.isEmpty ? node.anyOf.isEmpty && node.oneOf.isEmpty : node.types.contains(.object)
      return takesMaps && node.additionalProperties == nil
    }
  }
}

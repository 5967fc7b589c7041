import References
import StackModel
import YAMLTree

extension Manifest {
  /// The manifest with what `env.variables` takes from a secrets group among `env.secrets`, where it is kept as one.
  ///
  /// A name that stands in both stays where it is, for the kind's rules to complain of.
  package var keepingSecretVariables: Manifest {
    var manifest = self
    manifest.tree = Self.keeping(tree)
    return manifest
  }

  private static func keeping(_ node: YAMLNode) -> YAMLNode {
    var result = node
    switch node.content {
    case .scalar: break
    case .sequence(let elements): result.content = .sequence(elements.map(keeping))
    case .mapping(var mapping):
      for entry in mapping.entries {
        var value = keeping(entry.value)
        if entry.key == "env", let environment = value.mapping {
          value.content = .mapping(moved(environment))
        }
        mapping.set(entry.key, to: value)
      }
      result.content = .mapping(mapping)
    }
    return result
  }

  private static func moved(_ environment: YAMLMapping) -> YAMLMapping {
    guard let variables = environment["variables"] else { return environment }
    let secrets = environment["secrets"].flatMap { $0.isNull ? nil : $0 }
    var result = environment
    switch (variables.content, secrets?.content) {
    case (.mapping(var plain), nil), (.mapping(var plain), .mapping):
      var kept = secrets?.mapping ?? YAMLMapping()
      for entry in plain.entries where isSecret(entry.value) && kept[entry.key] == nil {
        plain.remove(entry.key)
        kept.set(entry)
      }
      guard kept.count > (secrets?.mapping?.count ?? 0) else { return environment }
      result.set("variables", to: YAMLNode(.mapping(plain), at: variables.location))
      result.set("secrets", to: YAMLNode(.mapping(kept), at: secrets?.location ?? variables.location))
    case (.sequence(let plain), nil), (.sequence(let plain), .sequence):
      let kept = secrets?.list ?? []
      let names = Set(kept.compactMap { $0["name"]?.string })
      let moving = plain.map { isSecret($0) && !names.contains($0["name"]?.string ?? "") }
      guard moving.contains(true) else { return environment }
      let rest = zip(plain, moving).filter { !$1 }.map(\.0)
      let gone = zip(plain, moving).filter(\.1).map(\.0)
      result.set("variables", to: YAMLNode(.sequence(rest), at: variables.location))
      result.set("secrets", to: YAMLNode(.sequence(kept + gone), at: secrets?.location ?? variables.location))
    default: break
    }
    return result
  }

  private static func isSecret(_ value: YAMLNode) -> Bool {
    (value.string ?? value["value"]?.string)?.hasPrefix(GroupKind.secrets.prefix) == true
  }
}

import Manifests
package import References
package import StackModel
package import YAMLTree

/// One environment variable of a service's main container, as a developer's machine is to have it.
package struct EnvironmentEntry: Sendable {
  package enum Value: Sendable, Hashable {
    case text(String)
    case secret(Secret)
    /// Why there is none, as a clause.
    case missing(String)
  }

  package var name: String
  /// Stands under `secrets`.
  package var isSecret: Bool
  package var value: Value
  /// Where the value is from: `manifest`, a reference, `environment NAME`, `--set`.
  package var source: String
  /// The field that holds the value or what stands for it.
  package var path: FieldPath

  package var isMissing: Bool { if case .missing = value { true } else { false } }

  /// What may be shown.
  package var shownValue: String {
    switch value {
    case .text(let text): isSecret ? Secret.mask : text
    case .secret: Secret.mask
    case .missing: ""
    }
  }

  package var status: String {
    if case .missing(let reason) = value { reason } else { "resolved" }
  }
}

/// Reads variables and secrets of the main container, whichever kind the manifest is of.
package struct EnvironmentReader {
  let tree: YAMLNode
  let references: [FieldPath: ReferenceValue]
  let environment: [String: String]

  /// - Parameters:
  ///   - references: what is known of values behind references.
  ///   - environment: our own, which `{env: NAME}` takes values from.
  package init(tree: YAMLNode, references: [FieldPath: ReferenceValue], environment: [String: String]) {
    self.tree = tree
    self.references = references
    self.environment = environment
  }

  /// Why a reference has no value.
  package static let unresolved = "the reference is not resolved"

  /// Variables, then secrets, each in the order of the manifest.
  package func entries() -> [EnvironmentEntry] {
    let paths = [
      FieldPath(keys: "spec", "container", "app", "env"), FieldPath(keys: "spec", "container", "env"),
    ]
    for path in paths {
      guard let node = tree[path] else { continue }
      // One kind's later shape is a list of variables alone.
      if node.list != nil { return entries(node, path, isSecret: false) }
      return ["variables", "secrets"].flatMap { name in
        node[name].map { entries($0, path.appending(key: name), isSecret: name == "secrets") } ?? []
      }
    }
    return []
  }

  private func entries(_ node: YAMLNode, _ path: FieldPath, isSecret: Bool) -> [EnvironmentEntry] {
    if let list = node.list {
      return list.enumerated().compactMap { index, element in
        element["name"]?.scalar.map {
          entry($0.text, element, path.appending(index: index), isSecret: isSecret)
        }
      }
    }
    return (node.mapping?.entries ?? []).map {
      entry($0.key, $0.value, path.appending(key: $0.key), isSecret: isSecret)
    }
  }

  private func entry(
    _ name: String,
    _ node: YAMLNode,
    _ path: FieldPath,
    isSecret: Bool
  ) -> EnvironmentEntry {
    func found(_ value: EnvironmentEntry.Value, _ source: String, _ path: FieldPath) -> EnvironmentEntry {
      EnvironmentEntry(name: name, isSecret: isSecret, value: value, source: source, path: path)
    }
    if let scalar = node.scalar { return text(name, scalar.text, path, isSecret: isSecret) }
    if let scalar = node["value"]?.scalar, !(node["value"]?.isNull ?? true) {
      return text(name, scalar.text, path.appending(key: "value"), isSecret: isSecret)
    }
    if let variable = node["env"]?.scalar?.text {
      let place = path.appending(key: "env")
      let source = "environment \(variable)"
      guard let value = environment[variable] else {
        return found(.missing("the environment variable \(variable) is not set"), source, place)
      }
      return found(isSecret ? .secret(Secret(value)) : .text(value), source, place)
    }
    let form = node.mapping?.keys.first { $0 != "name" } ?? "nothing"
    return found(.missing("its value is kept where the service runs"), form, path)
  }

  private func text(
    _ name: String,
    _ text: String,
    _ path: FieldPath,
    isSecret: Bool
  ) -> EnvironmentEntry {
    var entry = EnvironmentEntry(
      name: name,
      isSecret: isSecret,
      value: isSecret ? .secret(Secret(text)) : .text(text),
      source: "manifest",
      path: path
    )
    if GroupReference.isReference(text) {
      entry.source = text
      switch references[path] {
      case .text(let value): entry.value = isSecret ? .secret(Secret(value)) : .text(value)
      case .secret(let value): entry.value = .secret(value)
      case nil: entry.value = .missing(Self.unresolved)
      }
    }
    // A secret that is kept in AWS is named by its ARN, in the manifest or in a group.
    if case .secret(let value) = entry.value, value.reveal().hasPrefix("arn:") {
      entry.value = .missing("its value is kept in AWS")
    }
    return entry
  }
}

extension [EnvironmentEntry] {
  /// Each `NAME=VALUE` takes the place of the variable of that name, or joins as the last.
  package mutating func set(_ name: String, to value: String) {
    let wasSecret = first { $0.name == name }?.isSecret ?? false
    let entry = EnvironmentEntry(
      name: name,
      isSecret: wasSecret,
      value: wasSecret ? .secret(Secret(value)) : .text(value),
      source: "--set",
      path: first { $0.name == name }?.path ?? .root
    )
    if let index = firstIndex(where: { $0.name == name }) { self[index] = entry } else { append(entry) }
  }
}

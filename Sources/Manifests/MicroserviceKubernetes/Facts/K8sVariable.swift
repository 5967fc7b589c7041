import References
import StackModel
import YAMLTree

/// An environment variable of a container, plain or secret.
struct K8sVariable: Sendable {
  enum Source: Sendable {
    /// Text in the manifest or behind a reference.
    case value(Value)
    /// A variable of stackjob's own environment.
    case environment(String)
    case configMapKey(DecodingView)
    case secretKey(DecodingView)
    case field(DecodingView)
    case resource(DecodingView)
    /// Another resource's output, which `k8s.reference` refuses.
    case otherResource
  }

  /// A value by text.
  enum Value: Sendable {
    case literal(String)
    /// From a group.
    case resolved(ReferenceValue)
    /// A reference that nothing was looked up for.
    case unknown(String)
  }

  let name: String
  /// Where the variable is written.
  let view: DecodingView
  /// Stands under `secrets`.
  let isSecret: Bool
  /// Each source that is written, with its field; exactly one in a legal manifest.
  let sources: [(field: String, view: DecodingView, source: Source)]

  var source: Source? { sources.first?.source }

  /// Where the source is written.
  var sourceView: DecodingView { sources.first?.view ?? view }

  /// The entries of a map sorted by name, or a list in its order.
  static func list(_ view: DecodingView?, isSecret: Bool, in manifest: Manifest) -> [K8sVariable] {
    if let list = view?.list {
      return list.map {
        K8sVariable(name: $0["name"]?.string ?? "", view: $0, isSecret: isSecret, in: manifest)
      }
    }
    return (view?.entries ?? []).sorted { $0.key < $1.key }.map {
      K8sVariable(name: $0.key, view: $0.value, isSecret: isSecret, in: manifest)
    }
  }

  private init(name: String, view: DecodingView, isSecret: Bool, in manifest: Manifest) {
    self.name = name
    self.view = view
    self.isSecret = isSecret
    if let text = view.string {
      sources = [("value", view, .value(Value(text, view, manifest)))]
      return
    }
    var found: [(String, DecodingView, Source)] = []
    if let value = view["value"], let text = value.string {
      found.append(("value", value, .value(Value(text, value, manifest))))
    }
    if isSecret, let variable = view["env"], let name = variable.string {
      found.append(("env", variable, .environment(name)))
    }
    found += Self.references(in: view)
    if let from = view["valueFrom"] {
      if Self.isOtherResource(from) {
        found.append(("valueFrom", from, .otherResource))
      } else {
        found += Self.references(in: from).map { ("valueFrom.\($0.0)", $0.1, $0.2) }
      }
    }
    sources = found
  }

  private static func references(in view: DecodingView) -> [(String, DecodingView, Source)] {
    let forms: [(String, (DecodingView) -> Source)] = [
      ("configMapKeyRef", Source.configMapKey), ("secretRef", Source.secretKey),
      ("secretKeyRef", Source.secretKey), ("fieldRef", Source.field), ("resourceFieldRef", Source.resource),
    ]
    return forms.compactMap { field, source in
      guard let block = view[field], block.node.mapping != nil else { return nil }
      return (field, block, source(block))
    }
  }

  /// Whether a `valueFrom` names another resource rather than something in the cluster.
  static func isOtherResource(_ view: DecodingView) -> Bool {
    ["kind", "name", "env", "fieldPath"].contains { view[$0] != nil }
  }

  /// Whether the value is kept in a Secret that is created for it.
  var isStored: Bool {
    guard isSecret else { return false }
    switch source {
    case .value, .environment: return true
    default: return false
    }
  }
}

extension K8sVariable.Value {
  init(_ text: String, _ view: DecodingView, _ manifest: Manifest) {
    if let resolved = manifest.references[view.path] {
      self = .resolved(resolved)
    } else {
      self = GroupReference.isReference(text) ? .unknown(text) : .literal(text)
    }
  }

  /// The text as a plain variable has it.
  var text: String {
    switch self {
    case .literal(let text), .unknown(let text): text
    case .resolved(let value): value.text
    }
  }

  /// Nil when it is not known.
  var secret: Secret? {
    switch self {
    case .literal(let text): Secret(text)
    case .resolved(let value): value.asSecret
    case .unknown: nil
    }
  }
}

import StackModel
import YAMLTree

/// Reads one document of a group.
///
/// Values of secrets are wrapped at once and appear in no message.
struct GroupReader {
  private(set) var diagnostics: [Diagnostic] = []

  static let apiVersion = "service-hub.planton.ai/v1"

  /// Nil when nothing can be looked up in the document.
  mutating func read(_ document: YAMLNode) -> ReferenceGroups.Group? {
    guard document.mapping != nil else {
      error(document, nil, "a group is a map, this document is \(document.kindName)", hint: Self.form)
      return nil
    }
    guard let kind = kind(of: document) else { return nil }
    checkVersion(document)
    checkFields(document, ["apiVersion", "kind", "metadata", "spec", "status"], path: .root)
    guard let name = document["metadata"]?["name"]?.scalar, !name.text.isEmpty else {
      error(document["metadata"] ?? document, "metadata.name", "a group needs `metadata.name`")
      return nil
    }
    return ReferenceGroups.Group(
      kind: kind,
      name: name.text,
      location: document.location,
      entries: document["spec"].map { entries($0, kind) } ?? []
    )
  }

  private static let form = "write apiVersion, kind, metadata.name and spec.entries"

  private mutating func kind(of document: YAMLNode) -> GroupKind? {
    let kinds = GroupKind.allCases.map(\.rawValue)
    guard let node = document["kind"], let text = node.string else {
      error(document, "kind", "`kind` is \(kinds.joined(separator: " or "))", hint: Self.form)
      return nil
    }
    if let kind = GroupKind(rawValue: text) { return kind }
    let nearest = Suggestion.nearest(to: text, among: kinds)
    error(
      node,
      "kind",
      "`\(text)` is no kind of group; there are \(kinds.joined(separator: " and "))",
      hint: nearest.map { "did you mean `\($0)`?" }
    )
    return nil
  }

  private mutating func checkVersion(_ document: YAMLNode) {
    let node = document["apiVersion"]
    guard node?.string != Self.apiVersion else { return }
    error(
      node ?? document,
      "apiVersion",
      "the apiVersion of a group is \(Self.apiVersion)",
      hint: node == nil ? "write apiVersion: \(Self.apiVersion)" : nil
    )
  }

  private mutating func entries(_ spec: YAMLNode, _ kind: GroupKind) -> [ReferenceGroups.Entry] {
    checkFields(spec, ["description", "entries"], path: FieldPath(keys: "spec"))
    guard let node = spec["entries"], !node.isNull else { return [] }
    guard let list = node.list else {
      error(node, "spec.entries", "`entries` is a list", hint: "- name: host\n  value: example.com")
      return []
    }
    var entries: [ReferenceGroups.Entry] = []
    for (index, element) in list.enumerated() {
      let path = FieldPath(keys: "spec", "entries").appending(index: index)
      guard let entry = entry(element, kind, path) else { continue }
      if let first = entries.first(where: { $0.name == entry.name }) {
        error(
          element,
          path.appending(key: "name").description,
          "the group has two entries `\(entry.name)`",
          hint: "the other one is at \(first.location)"
        )
        continue
      }
      entries.append(entry)
    }
    return entries
  }

  private mutating func entry(
    _ node: YAMLNode,
    _ kind: GroupKind,
    _ path: FieldPath
  ) -> ReferenceGroups.Entry? {
    checkFields(node, ["name", "description", "value", "valueFrom"], path: path)
    guard let name = node["name"]?.scalar?.text, !name.isEmpty else {
      error(node, path.appending(key: "name").description, "an entry has a `name`")
      return nil
    }
    let valuePath = path.appending(key: "value").description
    guard let value = node["value"], !value.isNull else {
      if node["valueFrom"] == nil {
        error(node, valuePath, "the entry `\(name)` has no value", hint: "write value: \"\" for an empty one")
      }
      return ReferenceGroups.Entry(name: name, value: nil, location: node.location)
    }
    // Numbers and truth values are taken as they are written: everything here becomes text.
    guard let text = value.scalar?.text else {
      error(value, valuePath, "the value of `\(name)` is text, not \(value.kindName)")
      return nil
    }
    if GroupReference.isReference(text) {
      error(
        value,
        valuePath,
        "the value of `\(name)` is a reference itself, which is not followed",
        hint: "write the value"
      )
      return nil
    }
    return ReferenceGroups.Entry(
      name: name,
      value: kind == .secrets ? .secret(Secret(text)) : .text(text),
      location: node.location
    )
  }

  private mutating func checkFields(_ node: YAMLNode, _ names: [String], path: FieldPath) {
    for entry in node.mapping?.entries ?? [] where !names.contains(entry.key) {
      let nearest = Suggestion.nearest(to: entry.key, among: names)
      diagnostics.append(
        .error(
          "reference.document",
          "`\(entry.key)` is not a field of \(path.name)",
          at: entry.keyLocation,
          path: path.appending(key: entry.key).description,
          hint: nearest.map { "did you mean `\($0)`?" } ?? "the fields are \(names.joined(separator: ", "))"
        )
      )
    }
  }

  private mutating func error(_ node: YAMLNode, _ path: String?, _ message: String, hint: String? = nil) {
    diagnostics.append(.error("reference.document", message, at: node.location, path: path, hint: hint))
  }
}

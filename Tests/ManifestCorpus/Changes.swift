import StackModel

/// One thing about a manifest made otherwise: a field that was not there, one taken away, or one of another value.
struct Change: Sendable {
  var path: [JSONValue.Step]
  /// The schema of what stands there.
  var node: SchemaFields.Node
  /// Nil takes the field away.
  var value: JSONValue?
  /// Changes of one key show the same.
  var key: String
}

/// Values of fields as they stand in manifests that people wrote: what one probe has, every probe may have.
struct Donors {
  private var values: [String: [JSONValue]] = [:]

  init(_ manifests: [JSONValue], _ schema: SchemaFields) {
    for manifest in manifests { gather(manifest, schema.root, schema) }
  }

  subscript(node: SchemaFields.Node) -> [JSONValue] { values[node.local] ?? [] }

  private mutating func gather(_ value: JSONValue, _ node: SchemaFields.Node, _ schema: SchemaFields) {
    if values[node.local]?.contains(value) != true { values[node.local, default: []].append(value) }
    for (key, member) in value.object ?? JSONObject() {
      guard let child = schema.property(key, of: node) ?? schema.entry(of: node) else { continue }
      gather(member, child, schema)
    }
    guard let element = schema.element(of: node) else { return }
    for member in value.array ?? [] { gather(member, element, schema) }
  }
}

extension SchemaFields {
  /// How many values of one field are tried on one manifest.
  private static let mostValues = 12
  private static let fewValues = 3

  /// Everything that can be changed about a manifest, or about a part of it.
  ///
  /// - Parameters:
  ///   - isEachPlace: whether a field of a definition counts anew in each place where the definition is used.
  func changes(
    of manifest: JSONValue,
    at path: [JSONValue.Step] = [],
    _ node: Node,
    donors: Donors,
    isEachPlace: Bool
  ) -> [Change] {
    var found: [Change] = []

    func key(_ path: [JSONValue.Step], _ node: Node, _ what: String) -> String {
      guard isEachPlace else { return "\(node.field) \(what)" }
      let place = path.map { step in
        if case .member(let name) = step { ".\(name)" } else { "[]" }
      }.joined()
      return "\(place) \(what)"
    }

    func add(_ path: [JSONValue.Step], _ node: Node, _ value: JSONValue?, _ what: String) {
      found.append(Change(path: path, node: node, value: value, key: key(path, node, what)))
    }

    func others(_ node: Node, than own: JSONValue?, at path: [JSONValue.Step]) {
      var values = Array((donors[node] + samples(node)).prefix(Self.mostValues))
      values += node.choices.filter { !values.contains($0) }
      // Fields that take a value or an object with the value in it.
      if let own, own.object == nil, node.properties["value"] != nil { values.insert(["value": own], at: 0) }
      for value in values where value != own {
        // Of an enum each value counts.
        let isChoice = node.choices.contains(value)
        if own != nil, !isChoice, value.sort == own?.sort { continue }
        add(path, node, value, "= \(isChoice ? value.text() : value.sort)")
      }
    }

    /// A field in the place of all that are not required: what excludes each other is so shown too.
    func instead(
      _ child: Node,
      _ name: String,
      in object: JSONValue,
      of node: Node,
      at path: [JSONValue.Step]
    ) {
      let required = node.schema["required"]?.array?.compactMap(\.string) ?? []
      guard !path.isEmpty, object.object?.keys.allSatisfy(required.contains) == false else { return }
      for value in (donors[child] + samples(child)).prefix(Self.fewValues) {
        var members = JSONObject((object.object?.members ?? []).filter { required.contains($0.key) })
        members[name] = value
        let isChoice = child.choices.contains(value)
        let what = key(path + [.member(name)], child, "= \(isChoice ? value.text() : value.sort)")
        found.append(Change(path: path, node: node, value: .object(members), key: what))
      }
    }

    func walk(_ value: JSONValue, _ node: Node, _ path: [JSONValue.Step]) {
      if value.object != nil {
        for name in node.properties.keys {
          guard let child = property(name, of: node) else { continue }
          let step = path + [.member(name)]
          if let member = value[name] {
            add(step, child, nil, "off")
            others(child, than: member, at: step)
            walk(member, child, step)
          } else {
            others(child, than: nil, at: step)
            instead(child, name, in: value, of: node, at: path)
          }
        }
        if let entry = entry(of: node) {
          for (key, member) in value.object ?? JSONObject() where node.properties[key] == nil {
            others(entry, than: member, at: path + [.member(key)])
            walk(member, entry, path + [.member(key)])
          }
        }
      }
      guard let element = element(of: node), let elements = value.array else { return }
      for (index, member) in elements.enumerated() {
        if elements.count > 1 { add(path + [.element(index)], element, nil, "[\(index)] off") }
        others(element, than: member, at: path + [.element(index)])
        walk(member, element, path + [.element(index)])
      }
    }
    walk(manifest.at(path[...]), node, path)
    return found
  }
}

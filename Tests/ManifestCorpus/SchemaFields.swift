import StackModel

/// A kind's schema, walked together with a manifest.
struct SchemaFields {
  /// A schema with what it refers to in its place.
  struct Node {
    var schema: JSONObject
    /// The definitions it is within; none is entered twice.
    var within: Set<String>
    /// Where it stands in the innermost definition: `probe.httpGet.port` wherever probes are.
    var local: String
    /// The field of the object that it is within: other than ``local`` where it is a definition itself.
    var field: String

    var properties: JSONObject { schema["properties"]?.object ?? JSONObject() }
    var types: [String] {
      schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
    }
    var choices: [JSONValue] { schema["enum"]?.array ?? [] }
  }

  private let document: JSONValue
  private static let digest = JSONValue.string("sha256:\(String(repeating: "a", count: 64))")

  init(_ document: JSONValue) { self.document = document }

  var root: Node { Node(schema: document.object ?? JSONObject(), within: [], local: "", field: "") }

  /// Nil where a definition contains itself.
  private func node(_ schema: JSONValue?, _ step: String, in parent: Node) -> Node? {
    guard var members = schema?.object else { return nil }
    let field = parent.local.isEmpty ? String(step.dropFirst()) : parent.local + step
    var (within, local) = (parent.within, field)
    while let name = members["$ref"]?.string?.split(separator: "/").last.map(String.init) {
      guard within.insert(name).inserted else { return nil }
      local = "\(name):"
      let referred = document["$defs"]?[name]?.object ?? JSONObject()
      members["$ref"] = nil
      members = JSONObject(referred.map { ($0.key, $0.value) } + members.map { ($0.key, $0.value) })
    }
    return Node(schema: members, within: within, local: local, field: field)
  }

  func property(_ name: String, of parent: Node) -> Node? {
    node(parent.properties[name], ".\(name)", in: parent)
  }

  func element(of parent: Node) -> Node? { node(parent.schema["items"], "[]", in: parent) }

  func entry(of parent: Node) -> Node? { node(parent.schema["additionalProperties"], ".*", in: parent) }

  /// Every field once, with its schema, wherever the definition it stands in is used.
  func fields() -> [(node: Node, isRequired: Bool)] {
    var found: [(node: Node, isRequired: Bool)] = []
    var seen: Set<String> = []
    func walk(_ node: Node) {
      let required = Set(node.schema["required"]?.array?.compactMap(\.string) ?? [])
      for name in node.properties.keys {
        guard let child = property(name, of: node) else { continue }
        if seen.insert("\(node.local).\(name)").inserted { found.append((child, required.contains(name))) }
        walk(child)
      }
      if let element = element(of: node) { walk(element) }
      if let entry = entry(of: node) { walk(entry) }
    }
    walk(root)
    return found
  }

  /// Values that a field may have by its schema alone, the most telling first.
  func samples(_ node: Node, depth: Int = 0) -> [JSONValue] {
    var found =
      node.choices + (node.schema["examples"]?.array ?? []) + (node.schema["default"].map { [$0] } ?? [])
    for type in node.types {
      switch type {
      case "boolean": found += [true, false]
      case "integer", "number":
        let least = node.schema["minimum"]?.int ?? 1
        found += [.int(max(least, 1)), .int(least)] + (node.schema["maximum"]?.int.map { [.int($0)] } ?? [])
      case "string" where node.choices.isEmpty: found += ["text", "10", "text.example.com", Self.digest]
      case "array": found += element(of: node).map { samples($0, depth: depth).map { .array([$0]) } } ?? []
      case "object": found += objects(node, depth: depth)
      default: break
      }
    }
    var seen: Set<JSONValue> = []
    return found.filter { seen.insert($0).inserted }
  }

  /// What is required alone, then with each other field beside it.
  private func objects(_ node: Node, depth: Int) -> [JSONValue] {
    guard depth < 3 else { return [] }
    var least = JSONObject()
    for name in node.schema["required"]?.array?.compactMap(\.string) ?? [] {
      guard let value = property(name, of: node).flatMap({ samples($0, depth: depth + 1).first }) else {
        return []
      }
      least[name] = value
    }
    var found: [JSONValue] = [.object(least)]
    for name in node.properties.keys where least[name] == nil {
      guard let value = property(name, of: node).flatMap({ samples($0, depth: depth + 1).first }) else {
        continue
      }
      var more = least
      more[name] = value
      found.append(.object(more))
    }
    if let entry = entry(of: node), let value = samples(entry, depth: depth + 1).first {
      found.append(["name": value])
    }
    return found
  }
}

extension JSONValue {
  /// How two values of one field are told apart: one of each is enough.
  package var sort: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let digits): digits == "0" ? "zero" : "number"
    case .string(let text): text.isEmpty ? "no text" : "text"
    case .array(let elements): elements.isEmpty ? "no list" : "list"
    case .object(let object): object.isEmpty ? "no map" : "map"
    }
  }

  enum Step: Hashable, Sendable {
    case member(String)
    case element(Int)
  }

  func at(_ path: ArraySlice<Step>) -> JSONValue {
    switch path.first {
    case nil: self
    case .member(let name): (self[name] ?? .null).at(path.dropFirst())
    case .element(let index): (self[index] ?? .null).at(path.dropFirst())
    }
  }

  /// - Parameter value: nil takes the member or element away.
  func setting(_ path: ArraySlice<Step>, to value: JSONValue?) -> JSONValue? {
    guard let step = path.first else { return value }
    switch step {
    case .member(let name):
      var object = object ?? JSONObject()
      object[name] = (object[name] ?? .null).setting(path.dropFirst(), to: value)
      return .object(object)
    case .element(let index):
      var elements = array ?? []
      guard elements.indices.contains(index) else { return self }
      if let changed = elements[index].setting(path.dropFirst(), to: value) {
        elements[index] = changed
      } else {
        elements.remove(at: index)
      }
      return .array(elements)
    }
  }
}

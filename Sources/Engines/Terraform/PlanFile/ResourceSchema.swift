package import PluginWire
import StackModel

/// What of a resource type's schema is needed to read its planned values: their types, and which are sensitive.
package struct ResourceSchema: Sendable {
  package var type: ValueType
  /// What is sensitive, by where it stands.
  package var sensitive: Sensitive

  /// The places below a block or an object in which sensitive values stand.
  package indirect enum Sensitive: Sendable {
    /// All of it.
    case whole
    /// By the name of an attribute or of a nested block.
    case members([String: Sensitive])
    /// In each element of a list, set or map.
    case elements(Sensitive)
    case none
  }

  /// Reads the resource types of a provider's schema.
  ///
  /// - Parameter answer: the answer to GetSchema, of protocol 5 or 6. Type names come with what `wanted` keeps.
  package static func resources(
    in answer: [UInt8],
    wanted: (String) -> Bool
  ) throws(ProtobufError) -> [String: ResourceSchema] {
    var result: [String: ResourceSchema] = [:]
    try ProtobufReader.forEach(in: answer[...]) { field throws(ProtobufError) in
      guard field.number == 2 else { return }
      var name = ""
      var schema: ArraySlice<UInt8> = []
      try ProtobufReader.forEach(in: try field.bytes) { entry throws(ProtobufError) in
        switch entry.number {
        case 1: name = try entry.string
        case 2: schema = try entry.bytes
        default: break
        }
      }
      guard wanted(name) else { return }
      try ProtobufReader.forEach(in: schema) { part throws(ProtobufError) in
        if part.number == 2 { result[name] = try block(try part.bytes) }
      }
    }
    return result
  }

  private enum Nesting: Int {
    case single = 1
    case list, set, map, group

    func type(_ element: ValueType) -> ValueType {
      switch self {
      case .single, .group: element
      case .list: .list(element)
      case .set: .set(element)
      case .map: .map(element)
      }
    }

    func sensitive(_ element: Sensitive) -> Sensitive {
      switch (self, element) {
      case (_, .none): .none
      case (.single, _), (.group, _): element
      default: .elements(element)
      }
    }
  }

  private static func block(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> ResourceSchema {
    var members: [String: ResourceSchema] = [:]
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 2:
        let (name, schema) = try attribute(try field.bytes)
        members[name] = schema
      case 3:
        let (name, schema) = try nestedBlock(try field.bytes)
        members[name] = schema
      default: break
      }
    }
    return object(members)
  }

  private static func object(_ members: [String: ResourceSchema]) -> ResourceSchema {
    let sensitive = members.compactMapValues { member -> Sensitive? in
      if case .none = member.sensitive { nil } else { member.sensitive }
    }
    return ResourceSchema(
      type: .object(members.mapValues(\.type)),
      sensitive: sensitive.isEmpty ? .none : .members(sensitive)
    )
  }

  private static func attribute(
    _ bytes: ArraySlice<UInt8>
  ) throws(ProtobufError) -> (String, ResourceSchema) {
    var name = ""
    var schema: ResourceSchema?
    var isSensitive = false
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch (field.number, field.value) {
      case (1, _): name = try field.string
      case (2, .bytes(let type)) where !type.isEmpty:
        guard let json = try? JSONValue(parsing: Array(type)), let type = try? ValueType(json: json) else {
          throw ProtobufError("the type of \(name) cannot be read")
        }
        schema = ResourceSchema(type: type, sensitive: .none)
      case (7, _): isSensitive = try field.bool
      // Protocol 6 has objects here, and protocol 5 a flag.
      case (10, .bytes(let object)): schema = try nestedObject(object)
      default: break
      }
    }
    guard var schema else { throw ProtobufError("attribute \(name) has no type") }
    if isSensitive { schema.sensitive = .whole }
    return (name, schema)
  }

  private static func nestedObject(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> ResourceSchema {
    var members: [String: ResourceSchema] = [:]
    var nesting: Nesting?
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 1:
        let (name, schema) = try attribute(try field.bytes)
        members[name] = schema
      case 3: nesting = Nesting(rawValue: try field.int)
      default: break
      }
    }
    return try nested(object(members), nesting)
  }

  private static func nestedBlock(
    _ bytes: ArraySlice<UInt8>
  ) throws(ProtobufError) -> (String, ResourceSchema) {
    var name = ""
    var schema: ResourceSchema?
    var nesting: Nesting?
    try ProtobufReader.forEach(in: bytes) { field throws(ProtobufError) in
      switch field.number {
      case 1: name = try field.string
      case 2: schema = try block(try field.bytes)
      case 3: nesting = Nesting(rawValue: try field.int)
      default: break
      }
    }
    guard let schema else { throw ProtobufError("block \(name) has no content") }
    return (name, try nested(schema, nesting))
  }

  private static func nested(
    _ element: ResourceSchema,
    _ nesting: Nesting?
  ) throws(ProtobufError) -> ResourceSchema {
    guard let nesting else { throw ProtobufError("a nested block of an unknown kind") }
    return ResourceSchema(
      type: nesting.type(element.type),
      sensitive: nesting.sensitive(element.sensitive)
    )
  }
}

extension ValueType {
  /// Whether a value of it says only at run time of what type it is.
  var hasDynamic: Bool {
    switch self {
    case .dynamic: true
    case .string, .number, .bool: false
    case .list(let element), .set(let element), .map(let element): element.hasDynamic
    case .tuple(let elements): elements.contains(where: \.hasDynamic)
    case .object(let attributes): attributes.values.contains(where: \.hasDynamic)
    }
  }
}

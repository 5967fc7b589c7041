package import PluginWire
package import StackModel
package import TerraformPlugin

/// A recording that does not hold what it should.
package struct RecordingError: Error, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}

/// An attribute of a real provider: what the protocol's schema says and what it does not.
package struct RecordedAttribute: Sendable {
  /// What makes two different texts mean the same.
  package enum Suppression: String, Sendable {
    /// Kubernetes quantities: `1` and `1000m`.
    case quantity
    /// The value comes from a write-only attribute and its revision, which alone counts.
    case writeOnlyRevision = "write_only_revision"
    /// An IAM policy, of which the provider keeps its own text.
    case policy
  }

  /// The values of another attribute at the top under which this one means something. Otherwise the
  /// provider looks at neither its value nor its default.
  package struct Relevance: Sendable {
    package var attribute: String
    package var values: [JSONValue]
  }

  package var schema: ProviderSchema.Attribute
  /// A change replaces the resource.
  package var forcesNew: Bool
  /// What is planned where the configuration is silent.
  package var fallback: Value?
  package var suppression: Suppression?
  package var relevance: Relevance?
  /// Whether the provider refuses a text that is no Kubernetes quantity.
  package var isCheckedQuantity: Bool
  package var oneOf: [String]?
  package var range: (low: Double?, high: Double?)?
  /// Other attributes of the same resource as the provider declares them.
  package var conflictsWith: [String]
  package var requiredWith: [String]

  init(_ name: String, _ json: JSONValue) throws(RecordingError) {
    do {
      let type = try ValueType(json: json["type"] ?? .null)
      schema = ProviderSchema.Attribute(name, type)
      fallback = try json["default"].map { value throws(ValueError) in try Value(json: value, as: type) }
    } catch { throw RecordingError("attribute \(name): \(error)") }
    guard json["nested"] == nil else { throw RecordingError("attribute \(name) has nested attributes") }
    schema.isRequired = json["required"]?.bool ?? false
    schema.isOptional = json["optional"]?.bool ?? false
    schema.isComputed = json["computed"]?.bool ?? false
    schema.isSensitive = json["sensitive"]?.bool ?? false
    schema.isDeprecated = json["deprecated"]?.bool ?? false
    schema.isWriteOnly = json["write_only"]?.bool ?? false
    forcesNew = json["force_new"]?.bool ?? false
    suppression = json["suppressed"]?.string.flatMap(Suppression.init)
    if let other = json["only_when"]?["attribute"]?.string, let values = json["only_when"]?["in"]?.array {
      relevance = Relevance(attribute: other, values: values)
    }
    isCheckedQuantity = json["validated"]?.string == "quantity"
    oneOf = json["one_of"]?.array?.compactMap(\.string)
    range = json["range"]?.array.flatMap { $0.count == 2 ? ($0[0].double, $0[1].double) : nil }
    conflictsWith = json["conflicts_with"]?.array?.compactMap(\.string) ?? []
    requiredWith = json["required_with"]?.array?.compactMap(\.string) ?? []
  }

  package var name: String { schema.name }
}

/// A block of a real provider.
package struct RecordedBlock: Sendable {
  package struct Nested: Sendable {
    package var name: String
    package var nesting: ProviderSchema.Nesting
    package var minimum: Int
    package var maximum: Int
    /// Adding or removing one replaces the resource.
    package var forcesNew: Bool
    /// Where the configuration has none, the provider fills in its own.
    package var isComputed: Bool
    package var block: RecordedBlock
  }

  package var attributes: [RecordedAttribute]
  package var blocks: [Nested]

  init(_ json: JSONValue) throws(RecordingError) {
    attributes = []
    for (name, value) in json["attributes"]?.object?.members ?? [] {
      attributes.append(try RecordedAttribute(name, value))
    }
    blocks = []
    for (name, value) in json["blocks"]?.object?.members ?? [] {
      let nesting: ProviderSchema.Nesting
      switch value["mode"]?.string {
      case "single": nesting = .single
      case "group": nesting = .group
      case "list": nesting = .list
      case "set": nesting = .set
      case "map": nesting = .map
      default: throw RecordingError("block \(name) has no mode")
      }
      blocks.append(
        Nested(
          name: name,
          nesting: nesting,
          minimum: value["min_items"]?.int ?? 0,
          maximum: value["max_items"]?.int ?? 0,
          forcesNew: value["force_new"]?.bool ?? false,
          isComputed: value["computed"]?.bool ?? false,
          block: try RecordedBlock(value)
        )
      )
    }
  }

  package var schema: ProviderSchema.Block {
    ProviderSchema.Block(
      attributes: attributes.map(\.schema),
      blocks: blocks.map {
        ProviderSchema.NestedBlock(
          $0.name,
          $0.nesting,
          minimum: $0.minimum,
          maximum: $0.maximum,
          block: $0.block.schema
        )
      }
    )
  }
}

extension RecordedBlock.Nested {
  package var type: ValueType {
    ProviderSchema.NestedBlock(name, nesting, minimum: minimum, maximum: maximum, block: block.schema).type
  }
}

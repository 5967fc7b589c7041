package import PluginWire
import StackModel

/// What a provider tells Terraform of its settings and types.
package struct ProviderSchema: Sendable {
  package struct Attribute: Sendable, Hashable {
    package var name: String
    package var type: ValueType
    package var isRequired = false
    package var isOptional = false
    package var isComputed = false
    package var isSensitive = false
    package var isDeprecated = false
    package var isWriteOnly = false

    package init(_ name: String, _ type: ValueType) {
      self.name = name
      self.type = type
    }
  }

  package enum Nesting: Int, Sendable { case single = 1, list, set, map, group }

  package struct NestedBlock: Sendable, Hashable {
    package var name: String
    package var nesting: Nesting
    package var minimum: Int
    package var maximum: Int
    package var block: Block

    package init(_ name: String, _ nesting: Nesting, minimum: Int, maximum: Int, block: Block) {
      self.name = name
      self.nesting = nesting
      self.minimum = minimum
      self.maximum = maximum
      self.block = block
    }
  }

  package struct Block: Sendable, Hashable {
    package var attributes: [Attribute]
    package var blocks: [NestedBlock]

    package init(attributes: [Attribute], blocks: [NestedBlock]) {
      self.attributes = attributes
      self.blocks = blocks
    }
  }

  package struct Versioned: Sendable, Hashable {
    package var version: Int
    package var block: Block

    package init(version: Int, block: Block) {
      self.version = version
      self.block = block
    }
  }

  package var provider: Versioned
  package var resources: [String: Versioned]
  package var dataSources: [String: Versioned]
  package var ephemeralResources: [String: Versioned]

  package init(
    provider: Versioned,
    resources: [String: Versioned],
    dataSources: [String: Versioned],
    ephemeralResources: [String: Versioned]
  ) {
    self.provider = provider
    self.resources = resources
    self.dataSources = dataSources
    self.ephemeralResources = ephemeralResources
  }
}

extension ProviderSchema {
  func bytes(_ version: PluginProtocol) -> [UInt8] {
    ProtobufWriter.message { writer in
      writer.present(1, provider.bytes(version))
      for (name, schema) in resources { writer.entry(2, key: name, schema.bytes(version)) }
      for (name, schema) in dataSources { writer.entry(3, key: name, schema.bytes(version)) }
      for (name, schema) in ephemeralResources { writer.entry(8, key: name, schema.bytes(version)) }
      writer.message(6, Self.writeCapabilities)
    }
  }

  func metadataBytes() -> [UInt8] {
    ProtobufWriter.message { writer in
      writer.message(1, Self.writeCapabilities)
      for name in dataSources.keys { writer.message(3) { $0.string(1, name) } }
      for name in resources.keys { writer.message(4) { $0.string(1, name) } }
      for name in ephemeralResources.keys { writer.message(6) { $0.string(1, name) } }
    }
  }

  /// No `plan_destroy`, as in the providers that are played; a cached schema is good enough.
  private static func writeCapabilities(_ writer: inout ProtobufWriter) { writer.bool(2, true) }
}

extension ProviderSchema.Versioned {
  func bytes(_ version: PluginProtocol) -> [UInt8] {
    ProtobufWriter.message {
      $0.int(1, self.version)
      $0.present(2, block.bytes(version))
    }
  }
}

extension ProviderSchema.Block {
  func bytes(_ version: PluginProtocol) -> [UInt8] {
    ProtobufWriter.message { writer in
      for attribute in attributes { writer.message(2) { attribute.write(into: &$0, version) } }
      for nested in blocks {
        writer.message(3) {
          $0.string(1, nested.name)
          $0.present(2, nested.block.bytes(version))
          $0.int(3, nested.nesting.rawValue)
          $0.int(4, nested.minimum)
          $0.int(5, nested.maximum)
        }
      }
    }
  }

  /// The type of the values that the block describes.
  package var type: ValueType {
    var members: [String: ValueType] = [:]
    for attribute in attributes { members[attribute.name] = attribute.type }
    for nested in blocks { members[nested.name] = nested.type }
    return .object(members)
  }
}

extension ProviderSchema.NestedBlock {
  package var type: ValueType {
    switch nesting {
    case .single, .group: block.type
    case .list: .list(block.type)
    case .set: .set(block.type)
    case .map: .map(block.type)
    }
  }
}

extension ProviderSchema.Attribute {
  fileprivate func write(into writer: inout ProtobufWriter, _ version: PluginProtocol) {
    writer.string(1, name)
    writer.bytes(2, type.json.bytes())
    writer.bool(4, isRequired)
    writer.bool(5, isOptional)
    writer.bool(6, isComputed)
    writer.bool(7, isSensitive)
    writer.bool(9, isDeprecated)
    // Protocol 6 gave number 10 to nested attributes before write-only ones came to both.
    writer.bool(version == .v5 ? 10 : 11, isWriteOnly)
  }
}

package import PluginWire
package import StackModel
package import TerraformPlugin

/// A type of a real provider.
package struct RecordedType: Sendable {
  package var version: Int
  package var block: RecordedBlock
  /// Attributes that replace the resource while the `immutable` of its prior state is true.
  package var forcesNewWhenImmutable: Set<String>
  /// `NAME` or `NAMESPACE/NAME`, where the provider takes nothing else for an import.
  package var importID: String?
  /// The type of the whole value, which is long to work out for types that hold pods.
  package let type: ValueType

  init(_ json: JSONValue) throws(RecordingError) {
    version = json["schema_version"]?.int ?? 0
    block = try RecordedBlock(json)
    forcesNewWhenImmutable = Set(json["force_new_when_immutable"]?.array?.compactMap(\.string) ?? [])
    importID = json["import_id"]?.string
    type = block.schema.type
  }

  var schema: ProviderSchema.Versioned { ProviderSchema.Versioned(version: version, block: block.schema) }
}

/// What was recorded of one version of a real provider, without any of its code.
package struct RecordedProvider: Sendable {
  /// For example `registry.terraform.io/hashicorp/kubernetes`.
  package var source: String
  package var version: String
  package var configuration: RecordedBlock
  package var resources: [String: RecordedType] = [:]
  package var dataSources: [String: RecordedType] = [:]
  package var ephemeralResources: [String: RecordedType] = [:]

  package init(_ json: JSONValue) throws(RecordingError) {
    guard let source = json["provider"]?.string, let version = json["version"]?.string else {
      throw RecordingError("the recording does not name provider and version")
    }
    self.source = source
    self.version = version
    configuration = try RecordedBlock(json["config"] ?? .null)
    for (name, value) in json["resources"]?.object?.members ?? [] {
      resources[name] = try RecordedType(value)
    }
    for (name, value) in json["data_sources"]?.object?.members ?? [] {
      dataSources[name] = try RecordedType(value)
    }
    for (name, value) in json["ephemeral"]?.object?.members ?? [] {
      ephemeralResources[name] = try RecordedType(value)
    }
  }

  /// The last part of the source: `kubernetes`.
  package var name: String { source.split(separator: "/").last.map(String.init) ?? source }

  package var schema: ProviderSchema {
    ProviderSchema(
      provider: ProviderSchema.Versioned(version: 0, block: configuration.schema),
      resources: resources.mapValues(\.schema),
      dataSources: dataSources.mapValues(\.schema),
      ephemeralResources: ephemeralResources.mapValues(\.schema)
    )
  }
}

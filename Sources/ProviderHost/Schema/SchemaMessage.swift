package import PluginWire

/// A provider's answer to GetSchema, read no deeper than needed.
///
/// Protocol 5 and 6 number its fields alike.
package struct SchemaMessage: Sendable {
  private enum Field {
    static let resources = 2
    static let dataSources = 3
    static let diagnostics = 4
    static let capabilities = 6
    static let ephemeralResources = 8
    /// The maps by the name of a type that are pruned. Later ones, of versions that we do not know,
    /// are left whole.
    static let types: Set<Int> = [resources, dataSources, ephemeralResources]
  }

  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The names of all types, sorted.
  package func typeNames() throws(ProtobufError) -> [String] {
    var names: Set<String> = []
    try ProtobufReader.forEach(in: bytes[...]) { field throws(ProtobufError) in
      if Field.types.contains(field.number) { names.insert(try Self.key(of: field)) }
    }
    return names.sorted()
  }

  /// The message without the types that are not in the set; all else byte for byte.
  package func pruned(to kept: Set<String>) throws(ProtobufError) -> SchemaMessage {
    var result: [UInt8] = []
    try ProtobufReader.forEach(in: bytes[...]) { field throws(ProtobufError) in
      if Field.types.contains(field.number), !kept.contains(try Self.key(of: field)) { return }
      result.append(contentsOf: field.raw)
    }
    return SchemaMessage(result)
  }

  /// True when there is a warning or an error in it.
  package func hasDiagnostics() throws(ProtobufError) -> Bool {
    var found = false
    try ProtobufReader.forEach(in: bytes[...]) { field in
      if field.number == Field.diagnostics { found = true }
    }
    return found
  }

  /// True when the provider works without having been asked for its schema.
  package func isOptional() throws(ProtobufError) -> Bool {
    var optional = false
    try ProtobufReader.forEach(in: bytes[...]) { field throws(ProtobufError) in
      guard field.number == Field.capabilities else { return }
      try ProtobufReader.forEach(in: try field.bytes) { capability throws(ProtobufError) in
        if capability.number == 2 { optional = try capability.bool }
      }
    }
    return optional
  }

  private static func key(of entry: ProtobufField) throws(ProtobufError) -> String {
    var key = ""
    var reader = ProtobufReader(try entry.bytes)
    // The key comes first in what any writer makes; a map entry may hold it later.
    while let field = try reader.next() {
      if field.number == 1 {
        key = try field.string
        break
      }
    }
    return key
  }
}

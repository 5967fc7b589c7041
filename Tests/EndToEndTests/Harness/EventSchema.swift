import LocalFiles
import Manifests
import StackModel
import Testing
import YAMLTree

/// `docs/events.schema.json`, which every event of every test must satisfy.
enum EventSchema {
  private static let compiled: JSONSchema? = {
    guard let bytes = try? LocalFiles.read("\(Project.root)/docs/events.schema.json"),
      let json = try? JSONValue(parsing: bytes)
    else { return nil }
    return JSONSchema.compile(json, file: "events.schema.json").schema
  }()

  /// An event may be longer than a manifest.
  private static let limits: YAMLReader.Limits = {
    var limits = YAMLReader.Limits.standard
    limits.bytes = 64 << 20
    return limits
  }()

  static func problems(_ event: String) throws -> [Diagnostic] {
    let schema = try #require(compiled, "the schema does not compile")
    let (documents, unreadable) = YAMLReader.read(Array(event.utf8), file: "event", limits: limits)
    guard let node = documents.first, unreadable.isEmpty else { return unreadable }
    return SchemaChecker.check(node, against: schema).diagnostics
  }
}

import FieldTable
import Manifests
import StackModel
import Testing
import YAMLTree

/// `docs/aws-ecs-service.md` against the schema, the manifests with a golden normal form, and the module.
struct FieldTableTests {
  private static let table = FieldTable(markdown: Fixtures.text("../../docs/aws-ecs-service.md") ?? "")

  @Test func `every field of the schema stands in the table once, and nothing else does`() throws {
    let schema = try JSONValue(parsing: Fixtures.text("../../templates/AwsEcsService/schema.json") ?? "")
    let leaves = Self.leaves(schema, "", in: schema)
    #expect(leaves.count > 250)
    let written = Self.table.rows.flatMap(\.fields)
    #expect(Set(leaves).subtracting(written).sorted() == [], "not in the table")
    #expect(Set(written).subtracting(leaves).sorted() == [], "not in the schema")
    #expect(written.count == Set(written).count, "a field stands in two rows")
  }

  @Test(arguments: table.rows.filter { !$0.fields.isEmpty })
  func `what shows a row exists and holds its fields`(row: FieldTable.Row) throws {
    #expect(!row.shownBy.isEmpty)
    for name in row.shownBy where name.first?.isUppercase != true {
      let held = try #require(try Self.held(by: name), "there is no manifest \(name)")
      let golden = try #require(EcsFixtures.goldens[name])
      #expect(Fixtures.text(golden) != nil, "no golden normal form of \(name)")
      #expect(row.fields.filter { !held.contains($0) } == [], "\(name) does not hold these")
    }
    for name in row.shownBy where name.first?.isUppercase == true {
      #expect(Self.suites.contains(name), "there is no suite \(name)")
    }
  }

  /// Resources by their address; arguments, members of the container definition and other fields by name.
  @Test(arguments: table.rows.filter { !$0.makes.isEmpty })
  func `what a row names is in the module`(row: FieldTable.Row) {
    for name in row.resources + row.resourcesWithout {
      let parts = name.split(separator: ".")
      let address = parts.count == 2 ? #""\#(parts[0])" "\#(parts[1])""# : #""\#(parts[0])""#
      #expect(Self.module.contains("resource \(address)"), "\(name)")
    }
    // Tags are made with the normal form, which its own page describes.
    let places = [Self.module, Self.contract] + Self.table.rows.flatMap(\.fields)
    for name in row.arguments { #expect(places.contains { $0.contains(name) }, "\(name)") }
  }

  private static let module: String = {
    let folder = "../../templates/AwsEcsService/terraform"
    return Fixtures.names(in: folder, ending: ".tf")
      .compactMap { Fixtures.text("\(folder)/\($0).tf") }.joined()
  }()

  private static let contract = Fixtures.text("../../templates/AwsEcsService/NORMAL-FORM.md") ?? ""

  /// The suites of all test targets, each in a file of its name.
  private static let suites: Set<String> = [
    "CommandsTests", "EndToEndTests", "EnginesTests", "JobRunnerTests", "ManifestsTests",
    "ManifestsTests/AwsEcsService", "PresentationTests",
  ].reduce(into: []) { $0.formUnion(Fixtures.names(in: "../\($1)", ending: ".swift")) }
}

// MARK: The schema's fields

extension FieldTableTests {
  /// Paths of all fields that hold a value. A map of the user's own keys is one value, and so is a field
  /// that may be written as a string or in parts.
  private static func leaves(_ schema: JSONValue, _ path: String, in document: JSONValue) -> [String] {
    let node = resolved(schema, in: document)
    if let fields = fields(of: node) {
      return fields.flatMap { leaves($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)", in: document) }
    }
    if let items = node["items"], fields(of: resolved(items, in: document)) != nil {
      return leaves(items, "\(path)[]", in: document)
    }
    return [path]
  }

  private static func fields(of node: JSONValue) -> [(key: String, value: JSONValue)]? {
    node["type"] == "object" ? node["properties"]?.object?.members : nil
  }

  private static func resolved(_ schema: JSONValue, in document: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.string else { return schema }
    return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
  }
}

// MARK: A manifest's fields

extension FieldTableTests {
  /// The fields that a manifest writes; a default that the reader fills in shows nothing. Nil when there is
  /// no such manifest, or one that is not legal.
  private static func held(by name: String) throws -> Set<String>? {
    guard let path = EcsFixtures.withGolden[name] else { return nil }
    _ = try EcsFixtures.manifest(at: path)
    guard let document = YAMLReader.read(Fixtures.bytes(path) ?? [], file: name).documents.first else {
      return nil
    }
    let schema = try JSONValue(parsing: Fixtures.text("../../templates/AwsEcsService/schema.json") ?? "")
    var held: Set<String> = []
    gather(document, schema, "", in: schema, &held)
    return held
  }

  private static func gather(
    _ node: YAMLNode,
    _ schema: JSONValue,
    _ path: String,
    in document: JSONValue,
    _ held: inout Set<String>
  ) {
    let schema = resolved(schema, in: document)
    if let fields = fields(of: schema) {
      // Nothing below `enabled: false` has an effect that could be seen.
      let isOff = node["enabled"]?.bool == false
      for (key, child) in fields where !isOff || key == "enabled" {
        guard let value = node[key] else { continue }
        gather(value, child, path.isEmpty ? key : "\(path).\(key)", in: document, &held)
      }
    } else if let items = schema["items"], fields(of: resolved(items, in: document)) != nil {
      for element in node.list ?? [] { gather(element, items, "\(path)[]", in: document, &held) }
    } else {
      held.insert(path)
    }
  }
}

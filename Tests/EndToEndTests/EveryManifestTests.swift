import FieldTable
import LocalFiles
import StackModel
import Testing

/// Every example and every manifest of `Fixtures/AwsEcsService/good` planned by the real tools, and the
/// plans held against `docs/aws-ecs-service.md`.
@Suite(.needsTools, .timeLimit(.minutes(15))) struct EveryManifestTests {
  private static let folders = [
    "templates/AwsEcsService/examples", "Tests/Fixtures/AwsEcsService/good",
  ]

  @Test func `every manifest plans clean, and its plan has the resources of its rows`() async throws {
    let table = FieldTable(markdown: LocalFiles.text("\(Project.root)/docs/aws-ecs-service.md") ?? "")
    // Addresses without keys, by the manifest that plans them.
    var planned: [String: Set<String>] = [:]
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment.merging(["SESSION_KEY": "a-session-key"]) { $1 }) {
        stackjob in
        // One after another: a plan keeps more than one processor busy by itself.
        for (name, text) in try Self.manifests() {
          let manifest = try stackjob.file("\(name).yaml", try Manifests.placed(text, in: aws))
          let plan = try await stackjob("plan", manifest, "--output", "json")
          expect(plan, .done)
          let job = try plan.job()
          #expect(job["result"] == "succeeded", "\(name)")
          let changes = job["changes"]?.array ?? []
          #expect(!changes.isEmpty && changes.allSatisfy { $0["action"] == "create" }, "\(name)")
          planned[name] = Set(changes.compactMap { $0["address"]?.string.map(Self.withoutKey) })
        }
      }
    }
    for row in table.rows { check(row, planned) }
  }

  /// Each manifest of a row plans something the row names and nothing that takes the field's absence; all
  /// of them together plan everything the row names.
  private func check(_ row: FieldTable.Row, _ planned: [String: Set<String>]) {
    let place = "\(row.fields)"
    let shown = row.shownBy.compactMap { name in planned[name].map { (name: name, addresses: $0) } }
    for (name, addresses) in shown {
      #expect(
        row.resources.isEmpty || row.resources.contains { Self.has($0, addresses) },
        "\(name): \(place)"
      )
      for resource in row.resourcesWithout { #expect(!Self.has(resource, addresses), "\(name): \(place)") }
    }
    for resource in row.resources {
      #expect(shown.contains { Self.has(resource, $0.addresses) }, "nobody plans \(resource): \(place)")
    }
    for resource in row.resourcesWithout {
      #expect(planned.values.contains { Self.has(resource, $0) }, "nobody plans \(resource): \(place)")
    }
  }

  /// A document names a resource by its address, or by its type alone.
  private static func has(_ resource: String, _ addresses: Set<String>) -> Bool {
    addresses.contains(resource) || addresses.contains { $0.hasPrefix("\(resource).") }
  }

  private static func withoutKey(_ address: String) -> String { String(address.prefix { $0 != "[" }) }

  private static func manifests() throws -> [(name: String, text: String)] {
    try folders.flatMap { folder in
      try LocalFiles.list("\(Project.root)/\(folder)").sorted().filter { $0.hasSuffix(".yaml") }.map { file in
        (String(file.dropLast(5)), LocalFiles.text("\(Project.root)/\(folder)/\(file)") ?? "")
      }
    }
  }
}

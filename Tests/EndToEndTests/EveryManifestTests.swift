import FieldTable
import LocalFiles
import StackModel
import Testing

/// Every example and every manifest of `Fixtures/AwsEcsService/good` planned by the real tools, and the
/// plans held against `docs/aws-ecs-service.md`.
@Suite(.needsTools, .timeLimit(.minutes(20))) struct EveryManifestTests {
  private static let folders = [
    "templates/AwsEcsService/examples", "Tests/Fixtures/AwsEcsService/good",
  ]

  @Test func `every manifest plans clean, and its plan has the resources of its rows`() async throws {
    let table = FieldTable(markdown: LocalFiles.text("\(Project.root)/docs/aws-ecs-service.md") ?? "")
    var plans: [String: PlannedNames] = [:]
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
          plans[name] = PlannedNames(job)
        }
      }
    }
    for row in table.rows { check(row, plans) }
  }

  /// Each manifest of a row plans something the row names and nothing that takes the field's absence; all
  /// of them together plan everything the row names.
  private func check(_ row: FieldTable.Row, _ plans: [String: PlannedNames]) {
    let place = "\(row.fields)"
    let shown = row.shownBy.compactMap { name in plans[name].map { (name: name, plan: $0) } }
    for (name, plan) in shown {
      #expect(row.resources.isEmpty || row.resources.contains(where: plan.makes), "\(name): \(place)")
      for resource in row.resourcesWithout { #expect(!plan.makes(resource), "\(name): \(place)") }
    }
    for resource in row.resources {
      #expect(shown.contains { $0.plan.makes(resource) }, "nobody plans \(resource): \(place)")
    }
    for resource in row.resourcesWithout {
      #expect(plans.values.contains { $0.makes(resource) }, "nobody plans \(resource): \(place)")
    }
    for argument in row.arguments {
      #expect(shown.contains { $0.plan.words.contains(argument) }, "nobody sets \(argument): \(place)")
    }
  }

  private static func manifests() throws -> [(name: String, text: String)] {
    try folders.flatMap { folder in
      try LocalFiles.list("\(Project.root)/\(folder)").sorted().filter { $0.hasSuffix(".yaml") }.map { file in
        (String(file.dropLast(5)), LocalFiles.text("\(Project.root)/\(folder)/\(file)") ?? "")
      }
    }
  }
}

/// What one plan makes, by name.
private struct PlannedNames {
  /// Addresses without keys.
  private var addresses: Set<String> = []
  /// Arguments that are set at any depth, members of JSON in them, keys of resources, and texts.
  private(set) var words: Set<String> = []

  init(_ job: JSONValue) {
    for change in job["changes"]?.array ?? [] {
      let parts = (change["address"]?.string ?? "").split(separator: "[", maxSplits: 1)
      addresses.formUnion(parts.prefix(1).map(String.init))
      words.formUnion(parts.dropFirst().map { String($0.filter { $0 != "\"" && $0 != "]" }) })
      for attribute in change["attributes"]?.array ?? [] {
        // What only the apply can tell counts for no argument that the manifest has set.
        guard let path = attribute["path"]?.string, let after = attribute["after"] else { continue }
        gather(.object(JSONObject([(path, after)])))
      }
    }
  }

  /// A document names a resource by its address, or by its type alone.
  func makes(_ resource: String) -> Bool {
    addresses.contains(resource) || addresses.contains { $0.hasPrefix("\(resource).") }
  }

  private mutating func gather(_ value: JSONValue) {
    switch value {
    case .object(let object):
      for (key, member) in object where !member.isEmpty {
        words.insert(key)
        gather(member)
      }
    case .array(let elements): for element in elements { gather(element) }
    case .string(let text):
      words.insert(text)
      if text.hasPrefix("["), let inner = try? JSONValue(parsing: text) { gather(inner) }
    case .null, .bool, .number: break
    }
  }
}

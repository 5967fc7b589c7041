import LocalFiles
import StackModel
import Testing

/// What the real provider planned and stored against a real API server, case by case.
///
/// `real.json` holds the changes, the drift and the state of two rounds: `main.tf`, then
/// `update/main.tf`. The sandbox has to say the same but for what is random.
@Suite(
  "The sandbox and recordings of the real provider",
  .serialized,
  .enabled(if: !SandboxedTerraform.isMissing, "needs terraform")
)
struct RecordingTests {
  private static let cases = ["web", "secret-write-only", "autoscale", "ingress-tls", "network-policy"]
  /// Different in each run of the real provider too.
  private static let random: Set<String> = ["uid", "resource_version"]

  @Test("Plans, drift and states are the same", arguments: cases)
  func same(_ name: String) async throws { try await compare(name, firstFault: nil) }

  @Test("A roll-out that times out leaves what the real provider leaves")
  func timeout() async throws {
    try await compare(
      "rollout-timeout",
      firstFault: #"""
        {"do": "fail", "type": "kubernetes_deployment_v1", "keep": true,
         "summary": "Waiting for rollout to finish: 1 replicas wanted; 0 replicas Ready"}
        """#
    )
  }

  /// - Parameter firstFault: what goes wrong at the first apply.
  private func compare(_ name: String, firstFault: String?) async throws {
    try await SandboxedTerraform.run("recordings/\(name)/main.tf") { terraform in
      let folder = "\(SandboxedTerraform.root)/Tests/Fixtures/sandbox/recordings/\(name)"
      let real = try JSONValue(parsing: LocalFiles.read("\(folder)/real.json"))
      try await terraform("init", "-input=false", environment: Self.environment)
      for round in ["", "-update"] {
        if !round.isEmpty {
          try LocalFiles.replace(
            "\(terraform.folder)/main.tf",
            with: LocalFiles.read("\(folder)/update/main.tf")
          )
        }
        try await terraform("plan", "-input=false", "-out=plan", environment: Self.environment)
        let plan = try await terraform("show", "-json", "plan").json()
        Self.compare(
          real["plan\(round)"]?["changes"],
          Self.byAddress(plan["resource_changes"], "change"),
          "plan\(round)"
        )
        Self.compare(
          real["plan\(round)"]?["drift"],
          Self.byAddress(plan["resource_drift"], "change"),
          "drift\(round)"
        )
        let fault = round.isEmpty ? firstFault : nil
        try await terraform(
          "apply",
          "-input=false",
          "plan",
          environment: Self.environment.merging(["STACKJOB_SANDBOX_FAULTS": fault ?? ""]) { $1 },
          expecting: fault == nil ? 0 : 1
        )
        let state = try await terraform("show", "-json").json()["values"]?["root_module"]?["resources"]
        Self.compare(real["state\(round)"], Self.byAddress(state, "values"), "state\(round)")
      }
    }
  }

  private static let environment = ["TF_VAR_api_value": "hunter2-never-kept"]

  private static func byAddress(_ list: JSONValue?, _ member: String) -> JSONValue {
    .object(JSONObject((list?.array ?? []).map { ($0["address"]?.string ?? "", $0[member] ?? .null) }))
  }

  private static func compare(_ real: JSONValue?, _ ours: JSONValue, _ place: String) {
    switch (real ?? [:], ours) {
    case (.object(let one), .object(let other)):
      for name in Set(one.keys).union(other.keys) where !random.contains(name) {
        guard let left = one[name], let right = other[name] else {
          Issue.record("\(place).\(name) is only in \(one[name] == nil ? "the sandbox" : "the recording")")
          continue
        }
        compare(left, right, "\(place).\(name)")
      }
    case (.array(let one), .array(let other)) where one.count == other.count:
      for (index, pair) in zip(one, other).enumerated() { compare(pair.0, pair.1, "\(place).\(index)") }
    case (let one, let other): #expect(one == other, "\(place)")
    }
  }
}

import Manifests
import References
import StackModel
import Testing

/// References into groups; those of the example service of Kubernetes do as well.
struct EcsReferenceTests {
  private func result(env: String, resolvesSecrets: Bool = true) throws -> NormalFormResult {
    let manifest = try EcsFixtures.manifest(
      spec: """
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        network: {subnets: [subnet-0123456789abcdef0]}
        container: {image: nginx, cpu: 256, memory: 512, env: \(env)}
        """
    )
    let (resolved, problems) = manifest.resolving(K8sFixtures.groups)
    #expect(problems == [])
    return NormalForm.normalize(resolved, inputs: EcsFixtures.inputs(resolvesSecrets: resolvesSecrets))
  }

  private func container(_ result: NormalFormResult) -> JSONValue? {
    result.values["task"]?["containers"]?[0]
  }

  @Test func `a variable has the value behind its reference`() throws {
    let host = "$variables-group/database/host"
    let result = try result(env: "{variables: {A: \(host), B: {value: \(host)}, C: \"http://\(host)\"}}")
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    let value: JSONValue = "postgres.data.svc.cluster.local"
    #expect(container(result)?["environment"] == ["A": value, "B": value, "C": .string("http://\(host)")])
  }

  @Test func `a secret behind a reference is created`() throws {
    let password = "$secrets-group/database/password"
    let result = try result(env: "{secrets: {A: \(password), B: {value: \(password)}}}")
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    let value = Secret("example-password")
    #expect(result.secrets == ["secret_values": ["web/A": value, "web/B": value]])
    #expect(!result.values.text().contains("example-password"))
  }

  @Test func `a name that looks secret is none with a reference behind it`() throws {
    let result = try result(env: "{variables: {API_TOKEN: $variables-group/database/host}}")
    #expect(EcsFixtures.lines(result.diagnostics) == "")
  }

  @Test func `without a job the keys of open secrets are known`() throws {
    let manifest = try EcsFixtures.manifest(
      spec: """
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        network: {subnets: [subnet-0123456789abcdef0]}
        container: {image: nginx, cpu: 256, memory: 512, env: {secrets: {A: $secrets-group/no/such}}}
        """
    )
    let result = EcsFixtures.normalize(manifest, resolvesSecrets: false)
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(result.secretKeys == ["secret_values": ["web/A"]])
    #expect(manifest.unresolvedReferences.map(\.reference.entry) == ["such"])
  }
}

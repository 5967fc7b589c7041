import Manifests
import StackModel
import Testing

/// Some fields are wrong only when somebody wrote them; a schema's defaults and flags fill them in too.
struct WrittenFieldTests {
  private func codes(logging: String, flags: [String]) throws -> [String] {
    let source = """
      apiVersion: aws.planton.dev/v1
      kind: AwsEcsService
      metadata: {name: web}
      spec:
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        network: {subnets: [subnet-0123456789abcdef0]}
        container:
          {image: nginx, cpu: 256, memory: 512, logging: \(logging)}
      """
    let (manifests, diagnostics) = ManifestReader.read(
      Array(source.utf8),
      file: "web.yaml",
      catalog: EcsFixtures.catalog,
      overrides: flags.compactMap { Override.parse($0).override }
    )
    let manifest = try #require(manifests.first, "\(Fixtures.rendered(diagnostics))")
    return EcsFixtures.normalize(manifest).diagnostics.map(\.code)
  }

  private static let group = "spec.container.logging.logGroupName=/ecs/shared"
  private static let days = "spec.container.logging.retentionDays=30"

  @Test func `a default breaks no rule about written fields`() throws {
    #expect(try codes(logging: "{logGroupName: /ecs/shared}", flags: []) == [])
    #expect(try codes(logging: "{}", flags: [Self.group]) == [])
    #expect(try codes(logging: "", flags: [Self.group]) == [])
  }

  @Test func `a written field does, though it equals the default`() throws {
    let broken = ["ecs.logs.existing"]
    #expect(try codes(logging: "{logGroupName: /ecs/shared, retentionDays: 30}", flags: []) == broken)
    #expect(try codes(logging: "{retentionDays: 30}", flags: [Self.group]) == broken)
    #expect(try codes(logging: "{logGroupName: /ecs/shared}", flags: [Self.days]) == broken)
    #expect(try codes(logging: "{}", flags: [Self.group, Self.days]) == broken)
  }
}

import Manifests
import StackModel
import Testing

/// The normal forms of whole manifests, compared as JSON. `STACKJOB_UPDATE_GOLDEN=1` writes them anew.
struct EcsNormalFormTests {
  /// The examples, and manifests that touch the subject of every rule without breaking it and every
  /// derivation of the tables.
  @Test(arguments: EcsFixtures.withGolden.keys.sorted())
  func `a manifest that keeps the rules gets its normal form without a word`(name: String) throws {
    let path = try #require(EcsFixtures.withGolden[name])
    let golden = try #require(EcsFixtures.goldens[name])
    let result = EcsFixtures.normalize(try EcsFixtures.manifest(at: path))
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    let expected = Fixtures.text(golden).flatMap { try? JSONValue(parsing: $0) }
    if Fixtures.updatesGolden, expected != result.values {
      Fixtures.write(result.values.text(.pretty), to: golden)
    }
    #expect(result.values == (Fixtures.text(golden).flatMap { try? JSONValue(parsing: $0) }))
  }

  @Test func `every golden normal form belongs to a manifest`() {
    let folders = ["AwsEcsService/normal-form", EcsFixtures.good]
    let goldens = folders.flatMap { folder in
      Fixtures.names(in: folder, ending: ".tfvars.json").map { "\(folder)/\($0).tfvars.json" }
    }
    #expect(goldens.sorted() == EcsFixtures.goldens.values.sorted())
  }

  @Test func `an empty block means the same as an absent one`() throws {
    let base = """
      clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
      network: {subnets: [subnet-0123456789abcdef0]}
      """
    let bare = "\(base)\ncontainer: {image: nginx, cpu: 256, memory: 512}"
    let blocks = """
      \(base)
      container: {image: nginx, cpu: 256, memory: 512, logging: {}, env: {}, dependsOn: []}
      deployment: {circuitBreaker: {}}
      autoscaling: {}
      serviceConnect: {}
      secretStore: {}
      placement: {}
      iam: {taskRole: {}, executionRole: {}}
      runtimePlatform: {}
      capacityProviderStrategy: []
      alb: {}
      nlb: {}
      sidecars: []
      volumes: []
      tags: {}
      """
    let first = EcsFixtures.normalize(try EcsFixtures.manifest(spec: bare))
    let second = EcsFixtures.normalize(try EcsFixtures.manifest(spec: blocks))
    #expect(EcsFixtures.lines(second.diagnostics) == "")
    #expect(first.values == second.values)
  }

  @Test func `values of secrets stay out of the values that are written to a file`() throws {
    let manifest = try EcsFixtures.manifest(at: "\(EcsFixtures.examples)/fargate-alb.yaml")
    let result = EcsFixtures.normalize(manifest)
    let value = try #require(EcsFixtures.environment["SESSION_KEY"])
    #expect(result.secrets == ["secret_values": ["web/SESSION_KEY": Secret(value)]])
    #expect(!result.values.text().contains(value))
  }

  @Test func `without a job no value is looked up`() throws {
    let manifest = try EcsFixtures.manifest(at: "AwsEcsService/bad/ecs.secret.env-missing.yaml")
    let result = EcsFixtures.normalize(manifest, resolvesSecrets: false)
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(result.secrets.isEmpty)
    #expect(result.values["secrets"]?["web/A"]?["revision"] == 0)
  }

  @Test func `a changed parameter changes the label that starts new tasks`() throws {
    func label(_ value: String) throws -> JSONValue? {
      let manifest = try EcsFixtures.manifest(
        spec: """
          clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
          network: {subnets: [subnet-0123456789abcdef0]}
          secretStore: {type: SSM}
          container: {image: nginx, cpu: 256, memory: 512, env: {secrets: {A: \(value)}}}
          """
      )
      let task = EcsFixtures.normalize(manifest).values["task"]
      return task?["containers"]?[0]?["docker_labels"]?["stackjob.secrets-revision"]
    }
    #expect(try label("one") == label("one"))
    #expect(try label("one") != label("two"))
  }

  @Test func `a kind without code of its own has its spec as normal form`() throws {
    let source = "apiVersion: example.org/v1\nkind: Sample\nmetadata: {name: a}\nspec: {image: nginx}\n"
    let (manifests, _) = ManifestReader.read(Array(source.utf8), file: "a.yaml", catalog: Fixtures.catalog)
    guard let manifest = manifests.first else { return }
    #expect(EcsFixtures.normalize(manifest).values == manifest.spec.json)
  }
}

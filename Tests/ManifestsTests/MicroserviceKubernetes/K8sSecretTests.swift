import Manifests
import References
import StackModel
import Testing

struct K8sSecretTests {
  private static let database = "$secrets-group/database/password"

  private func result(_ spec: String, resolvesSecrets: Bool = true) throws -> NormalFormResult {
    let manifest = try K8sFixtures.manifest(spec: spec)
    return K8sFixtures.normalize(manifest, resolvesSecrets: resolvesSecrets)
  }

  private static func container(_ env: String) -> String {
    "container: {app: {image: \"web:1\", env: \(env)}}"
  }

  @Test func `a value behind a reference goes apart, and into no file`() throws {
    let env = "{secrets: {PASSWORD: \(Self.database), PLAIN: hunter2-hunter2}}"
    let result = try result(Self.container(env))
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(
      result.secrets == [
        "secret_values": [
          "web-env-secrets/PASSWORD": Secret("example-password"),
          "web-env-secrets/PLAIN": Secret("hunter2-hunter2"),
        ]
      ]
    )
    #expect(result.secretKeys["secret_values"] == ["web-env-secrets/PASSWORD", "web-env-secrets/PLAIN"])
    for value in ["example-password", "hunter2-hunter2"] { #expect(!result.values.text().contains(value)) }
    let secret = result.values["secrets"]?["web-env-secrets"]
    #expect(secret?["keys"] == ["PASSWORD", "PLAIN"])
    #expect((1...Int(Int32.max)).contains(secret?["revision"]?.int ?? 0))
  }

  @Test func `the values are passed as they are, not in base64`() throws {
    let result = try result(Self.container("{secrets: {A: hunter2-hunter2}}"))
    #expect(result.secrets["secret_values"]?["web-env-secrets/A"] == Secret("hunter2-hunter2"))
  }

  @Test func `a variables group may stand behind a secret`() throws {
    let result = try result(Self.container("{secrets: {A: {value: $variables-group/database/host}}}"))
    let value = result.secrets["secret_values"]?["web-env-secrets/A"]
    #expect(value == Secret("postgres.data.svc.cluster.local"))
  }

  @Test func `a secrets group behind a variable is refused, whatever its form`() throws {
    let forms = [
      "{variables: {A: \(Self.database)}}", "{variables: {A: {value: \(Self.database)}}}",
      "{variables: [{name: A, value: \(Self.database)}]}",
    ]
    for form in forms {
      let result = try result(Self.container(form))
      #expect(result.diagnostics.map(\.code) == ["k8s.env.secret-variable"])
      #expect(result.values.isNull)
    }
  }

  @Test(arguments: [
    "{variables: {A: \(database), B: b}}", "{variables: {A: {value: \(database)}, B: b}}",
    "{variables: [{name: A, value: \(database)}, {name: B, value: b}]}",
    "{variables: {A: \(database), B: b}, secrets: {C: c-c-c-c}}",
  ]) func `where that is allowed it is kept as a secret, and nothing else moves`(env: String) throws {
    let manifest = try K8sFixtures.manifest(spec: Self.container(env)).keepingSecretVariables
    let result = K8sFixtures.normalize(manifest)
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(result.secrets["secret_values"]?["web-env-secrets/A"] == Secret("example-password"))
    #expect(result.secrets["secret_values"]?["web-env-secrets/B"] == nil)
    #expect(result.values["container"]?["env"]?.text().contains(#""value":"b""#) != false)
    let same = try K8sFixtures.manifest(
      spec: Self.container("{variables: {A: \(Self.database)}, secrets: {A: other-other}}")
    )
    #expect(!K8sFixtures.normalize(same.keepingSecretVariables).diagnostics.isEmpty)
  }

  @Test func `without a job references stay open, and nothing is fingerprinted`() throws {
    let spec = Self.container("{secrets: {A: \(Self.database)}, variables: {B: $variables-group/no/entry}}")
    let manifest = try K8sFixtures.manifest(spec: spec)
    #expect(manifest.unresolvedReferences.map(\.reference.group).sorted() == ["database", "no"])
    let result = NormalForm.normalize(manifest, inputs: K8sFixtures.inputs(resolvesSecrets: false))
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    #expect(result.secrets.isEmpty)
    #expect(result.secretKeys == ["secret_values": ["web-env-secrets/A"]])
    #expect(result.values["secrets"]?["web-env-secrets"]?["revision"] == 0)
  }

  @Test func `what cannot be resolved is told with its field`() throws {
    let spec = Self.container(
      "{secrets: {A: $secrets-group/database/pasword, B: $secrets-group/datbase/password}}"
    )
    let (_, problems) = try K8sFixtures.manifest(spec: spec).resolving(K8sFixtures.groups)
    #expect(
      EcsFixtures.lines(problems) == """
        web.yaml:6:56: error: the secrets group `database` has no entry `pasword` [reference.entry] \
        path=spec.container.app.env.secrets.A hint=did you mean `password`?
        web.yaml:6:92: error: there is no secrets group `datbase` to take `password` from [reference.group] \
        path=spec.container.app.env.secrets.B hint=did you mean `database`?

        """
    )
  }

  private func annotations(_ spec: String) throws -> JSONValue? {
    let result = try result(spec)
    return result.values["pod"]?["annotations"]
  }

  @Test func `a changed secret rolls the pods, the same one does not`() throws {
    func label(_ value: String) throws -> JSONValue? {
      try annotations(Self.container("{secrets: {A: \(value)}}"))?["stackjob.dev/secrets"]
    }
    #expect(try label("one-value") != nil)
    #expect(try label("one-value") == label("one-value"))
    #expect(try label("one-value") != label("two-value"))
    #expect(try label("example-password") == label(Self.database))
  }

  @Test func `a changed file rolls the pods`() throws {
    func label(_ maps: String) throws -> JSONValue? {
      try annotations("container: {app: {image: \"web:1\"}}\nconfigMaps: \(maps)")?["stackjob.dev/config"]
    }
    #expect(try label("{a: x}") == label("{a: x}"))
    #expect(try label("{a: x, b: y}") == label("{b: y, a: x}"))
    #expect(try label("{a: x}") != label("{a: y}"))
    #expect(try label("{a: x}") != label("{b: x}"))
    #expect(try label("{a: \"x 1 b\"}") != label("{a: x, b: \"\"}"))
  }

  @Test func `registries with a password become one pull secret`() throws {
    let result = try result(
      """
      container: {app: {image: "web:1"}}
      pod:
        imageRegistries:
          - {server: z.example.com, username: u, password: {env: REGISTRY_PASSWORD}}
          - {server: ghcr.io, username: bot, password: $secrets-group/registry/ghcr}
      """
    )
    #expect(EcsFixtures.lines(result.diagnostics) == "")
    // printf 'bot:a-registry-password' | base64, and the other likewise.
    let ghcr =
      #"{"auth":"Ym90OmEtcmVnaXN0cnktcGFzc3dvcmQ=","password":"a-registry-password","username":"bot"}"#
    let other =
      #"{"auth":"dTphLXBhc3N3b3JkLWZvci10ZXN0cw==","password":"a-password-for-tests","username":"u"}"#
    let config = "{\"auths\":{\"ghcr.io\":\(ghcr),\"z.example.com\":\(other)}}"
    #expect(
      result.secrets["secret_values"] == ["web-image-pull/.dockerconfigjson": Secret(config)]
    )
    #expect(result.values["secrets"]?["web-image-pull"]?["type"] == "kubernetes.io/dockerconfigjson")
    let account = result.values["service_account"]?["create"]
    #expect(account?["image_pull_secrets"] == ["web-image-pull"])
    // A pull secret is read when an image is pulled, not when a pod starts.
    #expect(result.values["pod"]?["annotations"] == [:])
  }
}

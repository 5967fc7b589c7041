import CurlHTTP
import LocalFiles
import Platforms
import ReferenceSources
import References
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// What a source said, in a form that can be compared.
enum Said: Equatable {
  case found(String)
  case missing([String])
  case failed(SourceFailure.Kind)

  init(_ answer: SourceAnswer) {
    switch answer {
    case .found(let text): self = .found(text)
    case .missing(let known): self = .missing(known.sorted())
    case .failed(let failure): self = .failed(failure.kind)
    }
  }
}

func reference(_ text: String) throws -> GroupReference { try #require(GroupReference(text)) }

private let both = Set(GroupKind.allCases)

@Suite("Sources of references")
struct SourceTests {
  private static func scratch(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/stackjob-references-\(UInt32.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    try await body(folder)
  }

  // MARK: Directory

  @Test func `a directory has a folder for each group and a file for each entry`() async throws {
    try await Self.scratch { folder in
      try LocalFiles.makeFolder("\(folder)/database/nested")
      try LocalFiles.add("\(folder)/database/password", with: Array("hunter2-hunter2\n".utf8))
      try LocalFiles.add("\(folder)/database/nested/key", with: Array("two\nlines\n".utf8))
      try LocalFiles.add("\(folder)/database/keystore", with: [0xFE, 0xED, 0x0A])
      try LocalFiles.add("\(folder)/outside", with: Array("no".utf8))
      let source = DirectorySource(name: "directory", kinds: both, path: folder)
      func ask(_ text: String) async throws -> Said { Said(await source.look(up: try reference(text))) }
      #expect(try await ask("$secrets-group/database/password") == .found("hunter2-hunter2"))
      #expect(try await ask("$secrets-group/database/nested/key") == .found("two\nlines"))
      #expect(
        try await ask("$secrets-group/database/passwort")
          == .missing(["database/keystore", "database/nested", "database/password"])
      )
      #expect(mkfifo("\(folder)/database/pipe", 0o600) == 0)
      #expect(try await ask("$secrets-group/database/pipe") == .failed(.refused))
      // Another text than what is there would be worse than none.
      #expect(try await ask("$secrets-group/database/keystore") == .failed(.refused))
      #expect(try await ask("$secrets-group/../outside") == .missing([]))
      #expect(try await ask("$secrets-group/database/../../outside") == .missing([]))
      #expect(try await ask("$secrets-group/database/nested/../password") == .missing([]))
    }
    let absent = DirectorySource(name: "directory", kinds: both, path: "/tmp/stackjob-not-there")
    #expect(Said(await absent.look(up: try reference("$secrets-group/a/b"))) == .failed(.unavailable))
  }

  // MARK: Environment

  @Test(arguments: [
    ("$secrets-group/database/password", "APP_DATABASE_PASSWORD"),
    ("$variables-group/shop-api/prod.host", "APP_SHOP_API_PROD_HOST"),
    ("$variables-group/a/b/c", "APP_A_B_C"), ("$variables-group/é/x", "APP___X"),
  ])
  func `a variable's name is made of group and entry`(text: String, name: String) throws {
    #expect(EnvironmentSource.variable(try reference(text), prefix: "APP_") == name)
  }

  @Test func `the environment has a value, an empty one, or none`() async throws {
    let source = EnvironmentSource(
      name: "environment",
      kinds: both,
      prefix: "APP_",
      environment: ["APP_A_B": "one", "APP_A_C": ""]
    )
    #expect(Said(await source.look(up: try reference("$variables-group/a/b"))) == .found("one"))
    #expect(Said(await source.look(up: try reference("$variables-group/a/c"))) == .found(""))
    #expect(Said(await source.look(up: try reference("$variables-group/a/d"))) == .missing([]))
  }

  // MARK: Command

  private static func command(_ script: String, missingExit: Int? = nil, seconds: Int = 30) -> CommandSource {
    CommandSource(
      name: "command",
      kinds: both,
      line: ["sh", "-c", script, "sh", "{kind}", "{group}", "{entry}"],
      missingExit: missingExit,
      tool: SourceTool(
        environment: ["PATH": "/usr/bin:/bin", "SEEN": "yes"],
        timeoutSeconds: seconds,
        workingDirectory: "/"
      )
    )
  }

  @Test(arguments: [
    (#"echo "$1 $2 $3 $SEEN$HOME""#, Said.found("secrets {entry} b; rm yes")),
    (#"printf 'a\n\n'"#, .found("a\n")), ("printf ''", .found("")), ("exit 44", .missing([])),
    ("printf 'a\\377'", .failed(.refused)), ("echo no >&2; exit 1", .failed(.refused)),
    ("kill -9 $$", .failed(.refused)),
  ])
  func `a command prints the value`(script: String, said: Said) async throws {
    let source = Self.command(script, missingExit: 44)
    // What is in a name is a name, neither a placeholder nor a piece of shell.
    let asked = try #require(
      GroupReference("$secrets-group/{entry}/b;\u{2003}rm".replacing("\u{2003}", with: "_"))
    )
    let expected =
      said == .found("secrets {entry} b; rm yes") ? Said.found("secrets {entry} b;_rm yes") : said
    #expect(Said(await source.look(up: asked)) == expected)
  }

  @Test func `a command that hangs is ended`() async throws {
    let source = Self.command("sleep 600", seconds: 1)
    #expect(Said(await source.look(up: try reference("$secrets-group/a/b"))) == .failed(.unavailable))
  }

  @Test func `a command's failure is told by its standard error alone`() async throws {
    let source = Self.command("echo hunter2-hunter2; echo first >&2; echo last >&2; exit 3")
    guard case .failed(let failure) = await source.look(up: try reference("$secrets-group/a/b")) else {
      Issue.record("it did not fail")
      return
    }
    #expect(failure.message == "`sh` ended with 3: last")
    let chatty = Self.command("echo sh: error: no key >&2; echo ask for help >&2; exit 3")
    guard case .failed(let other) = await chatty.look(up: try reference("$secrets-group/a/b")) else {
      Issue.record("it did not fail")
      return
    }
    #expect(other.message == "`sh` ended with 3: sh: error: no key")
  }

  @Test func `a program that is not there is told`() async throws {
    let source = CommandSource(
      name: "command",
      kinds: both,
      line: ["stackjob-not-there"],
      missingExit: nil,
      tool: SourceTool(environment: ["PATH": "/usr/bin"], timeoutSeconds: 5, workingDirectory: "/")
    )
    #expect(Said(await source.look(up: try reference("$secrets-group/a/b"))) == .failed(.unavailable))
  }

  // MARK: HTTP

  private static func reply(_ status: Int, _ body: String) -> HTTPTransport {
    { _ in .success(HTTPCall.Reply(status: status, body: Array(body.utf8))) }
  }

  private static func http(
    field: String? = nil,
    tokenFile: String? = nil,
    _ transport: @escaping HTTPTransport
  )
    -> HTTPSource
  {
    HTTPSource(
      name: "http",
      kinds: both,
      url: "https://values.example.com/{kind}/{group}/{entry}",
      tokenFile: tokenFile,
      field: field,
      timeoutSeconds: 3,
      transport: transport
    )
  }

  @Test(
    arguments: [
      (200, "value\n", nil, Said.found("value")), (200, #"{"a": "x", "b": "y"}"#, "{entry}", .found("y")),
      (200, #"{"b": 5432}"#, "{entry}", .found("5432")), (200, #"{"b": null}"#, "b", .missing(["g/b"])),
      (200, #"{"a": "x"}"#, "{entry}", .missing(["g/a"])), (200, "value", "value", .failed(.refused)),
      (404, "", nil, .missing([])), (401, "", nil, .failed(.credentials)),
      (403, "", nil, .failed(.credentials)),
      (429, "", nil, .failed(.unavailable)), (503, "", nil, .failed(.unavailable)),
      (302, "", nil, .failed(.refused)),
    ] as [(Int, String, String?, Said)]
  )
  func `an endpoint's status says what its answer means`(
    status: Int,
    body: String,
    field: String?,
    said: Said
  ) async throws {
    let source = Self.http(field: field, Self.reply(status, body))
    #expect(Said(await source.look(up: try reference("$variables-group/g/b"))) == said)
  }

  @Test func `names are escaped in a URL, and a token comes from its file each time`() async throws {
    try await Self.scratch { folder in
      let file = "\(folder)/token"
      let calls = Mutex<[HTTPCall]>([])
      let source = Self.http(tokenFile: file) { call in
        calls.withLock { $0.append(call) }
        return .success(HTTPCall.Reply(status: 200, body: []))
      }
      let asked = try reference("$secrets-group/a?b/../c d%".replacing(" ", with: "#"))
      #expect(Said(await source.look(up: asked)) == .failed(.credentials))
      for token in ["one", "two"] {
        try LocalFiles.replace(file, with: Array("\(token)\n".utf8))
        _ = await source.look(up: asked)
      }
      let seen = calls.withLock { $0 }
      #expect(
        seen.map(\.url)
          == Array(repeating: "https://values.example.com/secrets/a%3Fb/..%2Fc%23d%25", count: 2)
      )
      #expect(seen.map { $0.headers.last } == ["Authorization: Bearer one", "Authorization: Bearer two"])
    }
  }

  // MARK: Vault

  private static func vault(
    token: Secret? = Secret("s.token"),
    namespace: String? = nil,
    _ transport: @escaping HTTPTransport
  ) -> VaultSource {
    VaultSource(
      name: "vault",
      kinds: [.secrets],
      store: VaultSource.Store(
        address: "https://vault.example.com/",
        mount: "kv",
        path: "teams/{group}",
        key: "{entry}",
        namespace: namespace
      ),
      tokenFile: nil,
      token: token,
      timeoutSeconds: 3,
      transport: transport
    )
  }

  @Test(
    arguments: [
      (200, #"{"data": {"data": {"b": "x"}, "metadata": {"version": 3}}}"#, Said.found("x")),
      (200, #"{"data": {"data": {"b": 5}}}"#, .found("5")),
      (200, #"{"data": {"data": {"c": "x"}}}"#, .missing(["g/c"])),
      // Version 1 of the store answers without the inner level.
      (200, #"{"data": {"b": "x"}}"#, .failed(.refused)), (404, #"{"errors": []}"#, .missing([])),
      (403, #"{"errors": ["permission denied"]}"#, .failed(.credentials)), (503, "", .failed(.unavailable)),
    ] as [(Int, String, Said)]
  )
  func `a key/value store of Vault`(status: Int, body: String, said: Said) async throws {
    #expect(
      Said(await Self.vault(Self.reply(status, body)).look(up: try reference("$secrets-group/g/b"))) == said
    )
  }

  @Test func `Vault is asked with token and namespace, and not at all without a token`() async throws {
    let calls = Mutex<[HTTPCall]>([])
    let transport: HTTPTransport = { call in
      calls.withLock { $0.append(call) }
      return .success(HTTPCall.Reply(status: 404, body: []))
    }
    let asked = try reference("$secrets-group/g/b")
    #expect(Said(await Self.vault(token: nil, transport).look(up: asked)) == .failed(.credentials))
    _ = await Self.vault(namespace: "shop", transport).look(up: asked)
    let seen = calls.withLock { $0 }
    #expect(seen.map(\.url) == ["https://vault.example.com/v1/kv/data/teams/g"])
    #expect(
      seen.first?.headers == ["X-Vault-Token: s.token", "X-Vault-Request: true", "X-Vault-Namespace: shop"]
    )
  }

  // MARK: Kubernetes

  private struct Cluster: KubernetesAPI {
    var objects: [String: JSONValue]

    func get(_ path: String) async throws(PlatformFailure) -> JSONValue {
      guard let object = objects[path] else { throw PlatformFailure(.absent, "not found") }
      return object
    }
  }

  @Test func `a cluster has Secrets and ConfigMaps`() async throws {
    let source = KubernetesSource(
      name: "kubernetes",
      kinds: both,
      namespace: "shop",
      cluster: Cluster(objects: [
        "/api/v1/namespaces/shop/secrets/database": [
          "data": ["password": "aHVudGVyMi1odW50ZXIy", "broken": "!"]
        ],
        "/api/v1/namespaces/shop/configmaps/database": ["data": ["host": "db.example.com"]],
      ])
    )
    func ask(_ text: String) async throws -> Said { Said(await source.look(up: try reference(text))) }
    #expect(try await ask("$secrets-group/database/password") == .found("hunter2-hunter2"))
    #expect(try await ask("$secrets-group/database/broken") == .failed(.refused))
    #expect(try await ask("$variables-group/database/host") == .found("db.example.com"))
    #expect(try await ask("$variables-group/database/password") == .missing(["database/host"]))
    #expect(try await ask("$variables-group/other/host") == .missing([]))
  }

  // MARK: AWS

  private struct AWS: AWSAPI {
    var answer: Result<JSONValue, PlatformFailure>
    let asked = Asked()

    final class Asked: Sendable { let bodies = Mutex<[JSONValue]>([]) }

    func json(_ service: AWSService, _ action: String, _ body: JSONValue) async throws(PlatformFailure)
      -> JSONValue
    {
      asked.bodies.withLock { $0.append(body) }
      return try answer.get()
    }

    func loadBalancing(_ action: String, _ parameters: [(String, String)]) async throws(PlatformFailure)
      -> AWSDocument
    { throw PlatformFailure(.refused, "nobody asks this") }
  }

  @Test func `Secrets Manager gives a whole secret or a member of it`() async throws {
    let aws = AWS(answer: .success(["SecretString": .string(#"{"b": "x", "n": 5}"#)]))
    func source(_ key: String?) -> SecretsManagerSource {
      SecretsManagerSource(name: "aws", kinds: both, secret: "prod/{group}", key: key, aws: aws)
    }
    let asked = try reference("$secrets-group/g/b")
    #expect(Said(await source(nil).look(up: asked)) == .found(#"{"b": "x", "n": 5}"#))
    #expect(Said(await source("{entry}").look(up: asked)) == .found("x"))
    #expect(Said(await source("n").look(up: asked)) == .found("5"))
    #expect(Said(await source("c").look(up: asked)) == .missing(["g/b", "g/n"]))
    #expect(aws.asked.bodies.withLock { $0.first } == ["SecretId": "prod/g"])
  }

  @Test(arguments: [
    (PlatformFailure.Kind.absent, Said.missing([])), (.credentials, .failed(.credentials)),
    (.forbidden, .failed(.credentials)), (.unavailable, .failed(.unavailable)), (.refused, .failed(.refused)),
  ])
  func `what AWS refuses is told as what it is`(kind: PlatformFailure.Kind, said: Said) async throws {
    let aws = AWS(answer: .failure(PlatformFailure(kind, "no")))
    let asked = try reference("$secrets-group/g/b")
    let parameters = ParameterStoreSource(name: "ssm", kinds: both, parameter: "/{group}/{entry}", aws: aws)
    #expect(Said(await parameters.look(up: asked)) == said)
    #expect(aws.asked.bodies.withLock { $0.first } == ["Name": "/g/b", "WithDecryption": true])
    let secrets = SecretsManagerSource(name: "sm", kinds: both, secret: "{group}", key: nil, aws: aws)
    #expect(Said(await secrets.look(up: asked)) == said)
  }
}

import CurlHTTP
import LocalFiles
import StackModel
import Synchronization
import Testing

@testable import Platforms

@Suite struct AWSCredentialSourceTests {
  private static let profiles = AWSProfiles(
    credentials: """
      [default]
      aws_access_key_id = AKDEFAULT
      aws_secret_access_key = s/ec#ret   # the comment
      [old]
      aws_access_key_id=AKOLD
      aws_secret_access_key=old
      """,
    config: """
      # everything
      [default]
      region = eu-central-1
      s3 =
        max_concurrent_requests = 20
      [profile admin]
      role_arn = arn:aws:iam::1:role/admin
      source_profile = old
      external_id = x1
      [profile web]
      role_arn = arn:aws:iam::1:role/web
      web_identity_token_file = /token
      [profile tool]
      credential_process = /opt/tool --json
      [profile sso]
      sso_session = corp
      [profile round]
      role_arn = arn:aws:iam::1:role/r
      source_profile = trip
      [profile trip]
      role_arn = arn:aws:iam::1:role/t
      source_profile = round
      [profile mfa]
      role_arn = arn:aws:iam::1:role/m
      source_profile = old
      mfa_serial = arn:aws:iam::1:mfa/me
      [profile box]
      role_arn = arn:aws:iam::1:role/b
      credential_source = Ec2InstanceMetadata
      """
  )
  private static let defaultKeys = AWSKeys(accessKeyID: "AKDEFAULT", secretAccessKey: Secret("s/ec#ret"))
  private static let oldKeys = AWSKeys(accessKeyID: "AKOLD", secretAccessKey: Secret("old"))

  private static func role(_ name: String, session: String = "stackjob", external: String? = nil) -> AWSRole {
    AWSRole(arn: "arn:aws:iam::1:role/\(name)", sessionName: session, externalID: external)
  }

  @Test(arguments: [
    (
      [
        "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
        "AWS_PROFILE": "old",
      ],
      AWSCredentialSource.keys(
        AWSKeys(accessKeyID: "AK", secretAccessKey: Secret("s"), sessionToken: Secret("t"))
      )
    ),
    (
      [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/f", "AWS_ROLE_ARN": "arn:aws:iam::1:role/ci",
        "AWS_ROLE_SESSION_NAME": "run",
      ], .webIdentity(role("ci", session: "run"), tokenFile: "/f")
    ), (["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], .keys(defaultKeys)),
    (["AWS_PROFILE": "old"], .keys(oldKeys)),
    (["AWS_PROFILE": "admin"], .assumedRole(role("admin", external: "x1"), by: .keys(oldKeys))),
    (["AWS_PROFILE": "web"], .webIdentity(role("web"), tokenFile: "/token")),
    (["AWS_PROFILE": "tool"], .process("/opt/tool --json")),
    (
      ["AWS_PROFILE": "box"],
      .assumedRole(role("b"), by: .instance(endpoint: "http://169.254.169.254"))
    ),
  ])
  func `sources are taken in the order of the SDKs`(
    environment: [String: String],
    source: AWSCredentialSource
  ) throws {
    #expect(try AWSCredentialSource.choose(environment: environment, profiles: Self.profiles) == source)
  }

  @Test(arguments: [
    (
      ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"],
      AWSCredentialSource.container(url: "http://169.254.170.2/v2/x", tokenFile: nil, token: Secret("t"))
    ),
    (
      [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/t",
      ], .container(url: "http://169.254.170.23/v1/credentials", tokenFile: "/t", token: nil)
    ), (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], .instance(endpoint: "http://[fd00:ec2::254]")),
    (["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"], .instance(endpoint: "http://127.0.0.1:1")),
  ])
  func `without profiles the machine is asked`(environment: [String: String], source: AWSCredentialSource)
    throws
  {
    #expect(try AWSCredentialSource.choose(environment: environment, profiles: AWSProfiles()) == source)
  }

  @Test(arguments: [
    (["AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "nobody"], "there is no such profile"),
    (["AWS_PROFILE": "sso"], "signs in by SSO"), (["AWS_PROFILE": "mfa"], "second factor"),
    (["AWS_PROFILE": "round"], "which has no keys"),
  ])
  func `what cannot be used is refused in words`(environment: [String: String], words: String) {
    let failure = #expect(throws: PlatformFailure.self) {
      try AWSCredentialSource.choose(environment: environment, profiles: Self.profiles)
    }
    #expect(failure?.kind == .credentials)
    #expect(failure?.message.contains(words) == true)
  }

  @Test func `no credentials at all are said to be none`() {
    let failure = #expect(throws: PlatformFailure.self) {
      try AWSCredentialSource.choose(
        environment: ["AWS_EC2_METADATA_DISABLED": "true"],
        profiles: AWSProfiles()
      )
    }
    #expect(failure?.message == "there are no AWS credentials")
  }

  @Test(arguments: [
    ("https://anything.example/x", true), ("http://127.0.0.1:8080/x", true), ("http://[::1]/x", true),
    ("http://localhost/x", true), ("http://evil.example/x", false), ("http://127.0.0.1@evil.example/", false),
    ("http://localhost:80@evil.example/", false),
    ("http://localhost.evil.example/", false), ("file:///etc/passwd", false),
  ])
  func `keys come in the clear from this machine alone`(url: String, isTrusted: Bool) {
    #expect(AWSCredentialHost.isTrusted(url) == isTrusted)
  }
}

/// Answers requests by the first rule that fits their URL or body, and remembers them.
final class Answers: Sendable {
  private let rules: [(part: String, reply: HTTPCall.Reply)]
  private let log = Mutex<[HTTPCall]>([])

  init(_ rules: [(String, Int, String)]) {
    self.rules = rules.map { ($0.0, HTTPCall.Reply(status: $0.1, body: Array($0.2.utf8))) }
  }

  var calls: [HTTPCall] { log.withLock { $0 } }

  var transport: HTTPTransport {
    { call in
      self.log.withLock { $0.append(call) }
      let text = "\(call.method) \(call.url) \(call.body ?? "") \(call.headers)"
      guard let rule = self.rules.first(where: { text.contains($0.part) }) else {
        return .failure(HTTPCall.Failure(description: "\(call.url): nobody there"))
      }
      return .success(rule.reply)
    }
  }
}

@Suite struct AWSCredentialChainTests {
  private static let handed = #"{"AccessKeyId":"AK","SecretAccessKey":"s","Token":"t","Expiration":"x"}"#
  private static let keys = AWSKeys(
    accessKeyID: "AK",
    secretAccessKey: Secret("s"),
    sessionToken: Secret("t")
  )
  private static let assumed = """
    <?xml version="1.0"?><R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Credentials><AccessKeyId>AK</AccessKeyId>
    <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials></R>
    """
  private static let role = AWSRole(arn: "arn:aws:iam::1:role/ci", sessionName: "run", externalID: "x 1")

  private func chain(_ answers: Answers) -> AWSCredentialChain {
    AWSCredentialChain(
      endpoints: AWSEndpoints(region: "eu-central-1", environment: [:]),
      environment: ["PATH": "/usr/bin:/bin"],
      transport: answers.transport
    )
  }

  @Test func `a web identity is exchanged for keys without a signature`() async throws {
    let folder = "/tmp/stackjob-token-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    try LocalFiles.create("\(folder)/token", with: Array("a.b=c\n".utf8))
    let answers = Answers([("sts.eu-central-1.amazonaws.com", 200, Self.assumed)])
    let source = AWSCredentialSource.webIdentity(Self.role, tokenFile: "\(folder)/token")
    #expect(try await chain(answers).keys(from: source) == Self.keys)
    let call = try #require(answers.calls.first)
    #expect(call.signature == nil)
    #expect(call.body?.hasSuffix("&RoleSessionName=run&WebIdentityToken=a.b%3Dc") == true)
  }

  @Test func `a role is taken on with the keys of another source`() async throws {
    let answers = Answers([("Action=AssumeRole&", 200, Self.assumed)])
    let other = AWSKeys(accessKeyID: "OTHER", secretAccessKey: Secret("o"))
    #expect(try await chain(answers).keys(from: .assumedRole(Self.role, by: .keys(other))) == Self.keys)
    #expect(answers.calls.first?.signature?.accessKeyID == "OTHER")
    #expect(answers.calls.first?.body?.contains("ExternalId=x%201") == true)
  }

  @Test func `a role that is refused is told with the reason`() async throws {
    let error =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
    let answers = Answers([("sts", 403, error)])
    let failure = await #expect(throws: PlatformFailure.self) {
      try await chain(answers).keys(from: .assumedRole(Self.role, by: .keys(Self.keys)))
    }
    #expect(failure?.kind == .credentials)
    #expect(failure?.message.contains("AccessDenied: not you") == true)
  }

  @Test func `an instance hands out the keys of its role to the holder of a token`() async throws {
    let answers = Answers([
      ("PUT http://i/latest/api/token", 200, "TOKEN"),
      ("security-credentials/web ", 200, Self.handed), ("security-credentials/ ", 200, "web\n"),
    ])
    #expect(try await chain(answers).keys(from: .instance(endpoint: "http://i/")) == Self.keys)
    #expect(answers.calls.dropFirst().allSatisfy { $0.headers == ["X-aws-ec2-metadata-token: TOKEN"] })
    #expect(answers.calls.allSatisfy { !$0.usesProxy })
  }

  @Test func `elsewhere than on an instance there are no credentials`() async {
    let failure = await #expect(throws: PlatformFailure.self) {
      try await chain(Answers([])).keys(from: .instance(endpoint: "http://i"))
    }
    #expect(failure?.kind == .credentials)
  }

  @Test func `a container's keys are asked for with its token`() async throws {
    let answers = Answers([("http://169.254.170.2/x", 200, Self.handed)])
    let source = AWSCredentialSource.container(
      url: "http://169.254.170.2/x",
      tokenFile: nil,
      token: Secret("Basic abc")
    )
    #expect(try await chain(answers).keys(from: source) == Self.keys)
    #expect(answers.calls.first?.headers == ["Authorization: Basic abc"])
  }

  @Test func `a command hands out keys as JSON`() async throws {
    let command = #"echo '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"s","SessionToken":"t"}'"#
    #expect(try await chain(Answers([])).keys(from: .process(command)) == Self.keys)
    let failure = await #expect(throws: PlatformFailure.self) {
      try await chain(Answers([])).keys(from: .process("echo no login >&2; exit 3"))
    }
    #expect(failure?.message.hasSuffix(": no login") == true)
  }
}

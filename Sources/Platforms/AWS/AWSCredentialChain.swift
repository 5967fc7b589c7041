package import CurlHTTP
import LocalFiles
import StackModel
import ToolProcess

/// Sends one HTTP request; tests answer it themselves.
package typealias HTTPTransport = @Sendable (HTTPCall) -> Result<HTTPCall.Reply, HTTPCall.Failure>

/// Turns a source of credentials into keys.
package struct AWSCredentialChain: Sendable {
  private let endpoints: AWSEndpoints
  /// For the token service and for commands of profiles.
  private let environment: [String: String]
  private let transport: HTTPTransport

  /// - Parameter environment: what a command of a profile may see.
  package init(endpoints: AWSEndpoints, environment: [String: String], transport: @escaping HTTPTransport) {
    self.endpoints = endpoints
    self.environment = environment
    self.transport = transport
  }

  package func keys(from source: AWSCredentialSource) async throws(PlatformFailure) -> AWSKeys {
    switch source {
    case .keys(let keys): return keys
    case .webIdentity(let role, let file):
      let token = try read(file, "the web identity token")
      return try assume("AssumeRoleWithWebIdentity", role, [("WebIdentityToken", token)], signedBy: nil)
    case .assumedRole(let role, let source):
      let extra = role.externalID.map { [("ExternalId", $0)] } ?? []
      return try assume("AssumeRole", role, extra, signedBy: try await keys(from: source))
    case .process(let command): return try await run(command)
    case .container(let url, let file, let token):
      let authorization = try file.map { file throws(PlatformFailure) in
        try read(file, "the container's token")
      }
      let header = (authorization ?? token?.reveal()).map { ["Authorization: \($0)"] } ?? []
      // Each way on this machine bypasses proxies; one to elsewhere is by TLS.
      let isNear = url.hasPrefix("http://")
      let reply = try send(HTTPCall(url: url, headers: header, timeoutSeconds: 5, usesProxy: !isNear))
      return try keys(in: reply, from: url)
    case .instance(let endpoint): return try instance(endpoint)
    }
  }

  // MARK: Each way

  private func assume(
    _ action: String,
    _ role: AWSRole,
    _ parameters: [(String, String)],
    signedBy keys: AWSKeys?
  ) throws(PlatformFailure) -> AWSKeys {
    let call = AWSQuery.call(
      url: try endpoints.url(.sts),
      action: action,
      version: "2011-06-15",
      parameters: [("RoleArn", role.arn), ("RoleSessionName", role.sessionName)] + parameters,
      signature: keys.map { $0.signature(region: endpoints.region, service: .sts) },
      certificates: environment["AWS_CA_BUNDLE"]
    )
    let reply = try send(call)
    guard reply.status == 200, let found = XMLElement(parsing: reply.body)?.find("Credentials"),
      let id = found["AccessKeyId"]?.text, let secret = found["SecretAccessKey"]?.text
    else {
      let why = AWSReply.failure(reply, asking: "STS \(action)").message
      throw PlatformFailure(.credentials, "the role \(role.arn) cannot be taken on: \(why)")
    }
    return AWSKeys(
      accessKeyID: id,
      secretAccessKey: Secret(secret),
      sessionToken: (found["SessionToken"]?.text).map(Secret.init)
    )
  }

  private func instance(_ endpoint: String) throws(PlatformFailure) -> AWSKeys {
    let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    func ask(_ path: String, _ method: String, _ header: String) throws(PlatformFailure) -> HTTPCall.Reply {
      let call = HTTPCall(
        url: base + path,
        method: method,
        headers: [header],
        // Elsewhere than on an instance nobody answers, and that shall not take long.
        timeoutSeconds: 2,
        usesProxy: false
      )
      guard case .success(let reply) = transport(call), reply.status == 200 else {
        throw PlatformFailure(
          .credentials,
          "there are no AWS credentials, and no instance's role was found at \(endpoint)",
          hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
      }
      return reply
    }
    let token = text(try ask("/latest/api/token", "PUT", "X-aws-ec2-metadata-token-ttl-seconds: 21600"))
    let header = "X-aws-ec2-metadata-token: \(token)"
    let folder = "/latest/meta-data/iam/security-credentials/"
    let role = text(try ask(folder, "GET", header)).prefix { !$0.isNewline }
    return try keys(in: try ask("\(folder)\(role)", "GET", header), from: endpoint)
  }

  private func run(_ command: String) async throws(PlatformFailure) -> AWSKeys {
    let output: ToolOutput
    do throws(ToolStartError) {
      output = try await ToolOutput.collect(
        ToolInvocation(
          tool: "credential_process",
          version: "",
          executable: "/bin/sh",
          arguments: ["-c", command],
          environment: environment,
          workingDirectory: "/"
        )
      )
    } catch {
      throw PlatformFailure(.credentials, "the credential_process of the profile cannot be run: \(error)")
    }
    guard output.exit.isSuccess else {
      let said = output.standardError.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
      throw PlatformFailure(.credentials, "the credential_process of the profile failed\(said)")
    }
    return try keys(
      in: HTTPCall.Reply(status: 200, body: Array(output.standardOutput.utf8)),
      from: "the credential_process"
    )
  }

  // MARK: Small steps

  /// The document that containers, instances and commands of profiles hand out.
  private func keys(in reply: HTTPCall.Reply, from source: String) throws(PlatformFailure) -> AWSKeys {
    guard reply.status == 200, let document = try? JSONValue(parsing: reply.body),
      let id = document["AccessKeyId"]?.string, let secret = document["SecretAccessKey"]?.string
    else { throw PlatformFailure(.credentials, "\(source) handed out no credentials (\(reply.status))") }
    let token = document["SessionToken"]?.string ?? document["Token"]?.string
    return AWSKeys(accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: token.map(Secret.init))
  }

  private func send(_ call: HTTPCall) throws(PlatformFailure) -> HTTPCall.Reply {
    switch transport(call) {
    case .success(let reply): return reply
    case .failure(let failure): throw PlatformFailure(.unavailable, "\(failure)")
    }
  }

  private func text(_ reply: HTTPCall.Reply) -> String { String(decoding: reply.body, as: UTF8.self) }

  private func read(_ path: String, _ what: String) throws(PlatformFailure) -> String {
    guard let text = LocalFiles.text(path) else {
      throw PlatformFailure(.credentials, "\(what) cannot be read from \(path)")
    }
    return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension AWSKeys {
  func signature(region: String, service: AWSService) -> HTTPCall.AWSSignature {
    HTTPCall.AWSSignature(
      accessKeyID: accessKeyID,
      secretAccessKey: secretAccessKey,
      sessionToken: sessionToken,
      region: region,
      service: service.rawValue
    )
  }
}

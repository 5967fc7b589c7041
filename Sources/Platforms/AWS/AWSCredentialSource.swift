package import StackModel

/// What requests are signed with.
package struct AWSKeys: Sendable, Hashable {
  package var accessKeyID: String
  package var secretAccessKey: Secret
  package var sessionToken: Secret?

  package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

/// A role to be taken on.
package struct AWSRole: Sendable, Hashable {
  package var arn: String
  package var sessionName: String
  package var externalID: String?
}

/// Where keys come from, in the order in which the AWS SDKs and Terraform's provider look.
package indirect enum AWSCredentialSource: Sendable, Hashable {
  case keys(AWSKeys)
  /// A token from a file, such as a Kubernetes service account's or a CI run's.
  case webIdentity(AWSRole, tokenFile: String)
  case assumedRole(AWSRole, by: AWSCredentialSource)
  /// A command of a profile that prints keys as JSON.
  case process(String)
  case container(url: String, tokenFile: String?, token: Secret?)
  /// The metadata service of an EC2 instance, version 2.
  case instance(endpoint: String)

  /// Looks only at what it is given; nothing is asked yet.
  package static func choose(
    environment: [String: String],
    profiles: AWSProfiles
  ) throws(PlatformFailure) -> AWSCredentialSource {
    let settings = EnvironmentSettings(environment)
    if let keys = settings.keys { return .keys(keys) }
    if let file = settings["AWS_WEB_IDENTITY_TOKEN_FILE"], let arn = settings["AWS_ROLE_ARN"] {
      return .webIdentity(
        AWSRole(arn: arn, sessionName: settings["AWS_ROLE_SESSION_NAME"] ?? defaultSession),
        tokenFile: file
      )
    }
    let name = settings["AWS_PROFILE"] ?? "default"
    if let profile = profiles[name] {
      if let source = try profileSource(profile, name, profiles, settings, seen: [name]) { return source }
    } else if settings["AWS_PROFILE"] != nil {
      throw PlatformFailure(
        .credentials,
        "AWS_PROFILE names `\(name)`, and there is no such profile",
        hint: Suggestion.nearest(to: name, among: profiles.names).map { "did you mean `\($0)`?" }
      )
    }
    if let source = try around(settings) { return source }
    throw PlatformFailure(
      .credentials,
      "there are no AWS credentials",
      hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )
  }

  /// What the machine we run on hands out.
  private static func around(_ settings: EnvironmentSettings) throws(PlatformFailure) -> AWSCredentialSource?
  {
    if let url = settings["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].map({ "http://169.254.170.2\($0)" })
      ?? settings["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    {
      guard AWSCredentialHost.isTrusted(url) else {
        throw PlatformFailure(
          .credentials,
          "AWS_CONTAINER_CREDENTIALS_FULL_URI is \(url), which is neither https nor on this machine"
        )
      }
      return .container(
        url: url,
        tokenFile: settings["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
        token: settings["AWS_CONTAINER_AUTHORIZATION_TOKEN"].map(Secret.init)
      )
    }
    if settings["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
    let isIPv6 = settings["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
    let usual = isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    return .instance(endpoint: settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? usual)
  }

  /// - Parameter seen: profiles that led here, so that two that name each other end.
  private static func profileSource(
    _ profile: [String: String],
    _ name: String,
    _ profiles: AWSProfiles,
    _ settings: EnvironmentSettings,
    seen: Set<String>
  ) throws(PlatformFailure) -> AWSCredentialSource? {
    if let arn = profile["role_arn"] {
      let role = AWSRole(
        arn: arn,
        sessionName: profile["role_session_name"] ?? defaultSession,
        externalID: profile["external_id"]
      )
      if profile["mfa_serial"] != nil { throw unsupported(name, "asks for a code of a second factor") }
      if let file = profile["web_identity_token_file"] { return .webIdentity(role, tokenFile: file) }
      if let other = profile["source_profile"] {
        // A profile may name itself: its own keys take on the role.
        if other == name, let keys = keys(profile) { return .assumedRole(role, by: .keys(keys)) }
        guard let next = profiles[other], !seen.contains(other),
          let source = try profileSource(next, other, profiles, settings, seen: seen.union([other]))
        else {
          throw PlatformFailure(.credentials, "the profile `\(name)` leads to `\(other)`, which has no keys")
        }
        return .assumedRole(role, by: source)
      }
      switch profile["credential_source"] {
      case "Environment": if let keys = settings.keys { return .assumedRole(role, by: .keys(keys)) }
      case "EcsContainer", "Ec2InstanceMetadata":
        if let source = try around(settings) { return .assumedRole(role, by: source) }
      default: break
      }
      throw PlatformFailure(
        .credentials,
        "the profile `\(name)` names a role and nothing that can take it on"
      )
    }
    if let keys = keys(profile) { return .keys(keys) }
    if let command = profile["credential_process"] { return .process(command) }
    if profile.keys.contains(where: { $0.hasPrefix("sso_") }) { throw unsupported(name, "signs in by SSO") }
    return nil
  }

  private static func unsupported(_ profile: String, _ what: String) -> PlatformFailure {
    PlatformFailure(
      .credentials,
      "the profile `\(profile)` \(what), which stackjob does not know",
      hint: "hand over keys: eval \"$(aws configure export-credentials --profile \(profile) --format env)\""
    )
  }

  private static func keys(_ profile: [String: String]) -> AWSKeys? {
    guard let id = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] else {
      return nil
    }
    return AWSKeys(
      accessKeyID: id,
      secretAccessKey: Secret(secret),
      sessionToken: profile["aws_session_token"].map(Secret.init)
    )
  }

  private static let defaultSession = "stackjob"
}

/// Variables, of which one set to nothing counts as not set.
private struct EnvironmentSettings {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  subscript(name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  var keys: AWSKeys? {
    guard let id = self["AWS_ACCESS_KEY_ID"], let secret = self["AWS_SECRET_ACCESS_KEY"] else { return nil }
    return AWSKeys(
      accessKeyID: id,
      secretAccessKey: Secret(secret),
      sessionToken: self["AWS_SESSION_TOKEN"].map(Secret.init)
    )
  }
}

enum AWSCredentialHost {
  /// By plain HTTP keys come only from this machine, or from the addresses of the container agents.
  static func isTrusted(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst(7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    // A name before an @ only looks like the host.
    guard !authority.contains("@") else { return false }
    let host =
      authority.first == "[" ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return ["localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(host)
  }
}

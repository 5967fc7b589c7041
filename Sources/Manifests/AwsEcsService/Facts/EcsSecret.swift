import References
import StackModel
import YAMLTree

/// A secret environment variable of a container.
struct EcsSecret: Sendable {
  enum Source: Sendable, Hashable {
    /// A Secrets Manager secret or SSM parameter, with whatever ECS takes behind a secret's id.
    case given(GivenSecret)
    /// Text that begins like an ARN or stands where one has to, and is none of a secret.
    case wrongARN(String)
    /// The value itself.
    case value(String)
    /// A reference into a group; nil while it is not looked up.
    case group(ReferenceValue?)
    /// A variable of stackjob's own environment.
    case environment(String)
    /// A reference to another resource's output, which `ecs.reference` refuses.
    case unknown
  }

  /// The environment variable.
  let name: String
  /// The text with its place.
  let view: DecodingView
  let source: Source

  init(name: String, view: DecodingView, references: [FieldPath: ReferenceValue]) {
    self.name = name
    let place = view["value"] ?? view
    if let text = place.string, GroupReference.isReference(text) {
      self.view = place
      source = Self.resolved(references[place.path])
      return
    }
    if let text = view.string {
      self.view = view
      source = text.hasPrefix("arn:") ? Self.given(text) : .value(text)
      return
    }
    let inner = view.entries?.first
    self.view = inner?.value ?? view
    source =
      switch (inner?.key, inner?.value.string) {
      case ("arn", let text?), ("valueFrom", let text?): Self.given(text)
      case ("value", let text?): .value(text)
      case ("env", let text?): .environment(text)
      default: .unknown
      }
  }

  /// A group may hold the ARN of a secret as well as a value.
  private static func resolved(_ value: ReferenceValue?) -> Source {
    value.flatMap { GivenSecret($0.asSecret.reveal()) }.map { .given($0) } ?? .group(value)
  }

  private static func given(_ text: String) -> Source {
    GivenSecret(text).map { .given($0) } ?? .wrongARN(text)
  }

  /// Whether the secret has to be created in the store.
  var isCreated: Bool {
    switch source {
    case .value, .group, .environment: true
    case .given, .wrongARN, .unknown: false
    }
  }
}

/// The ARN of a secret that exists.
struct GivenSecret: Sendable, Hashable {
  /// As ECS takes it in `valueFrom`.
  let text: String
  /// What IAM knows the secret by: without JSON key, version stage and version id.
  let resource: String
  let isParameter: Bool

  init?(_ text: String) {
    guard let arn = ARN(text), arn.isRegional else { return nil }
    self.text = text
    if arn.service == "ssm", let name = arn.resource(after: "parameter/"), !name.contains(":") {
      isParameter = true
      resource = text
    } else if arn.service == "secretsmanager", let rest = arn.resource(after: "secret:"),
      !rest.hasPrefix(":")
    {
      isParameter = false
      resource = text.split(separator: ":", maxSplits: 7, omittingEmptySubsequences: false).prefix(7)
        .joined(separator: ":")
    } else {
      return nil
    }
  }
}

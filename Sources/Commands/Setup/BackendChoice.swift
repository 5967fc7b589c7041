import JobRunner
import Manifests
import StackModel

/// The backends that a stack may keep its state in.
enum BackendType {
  static let all = ["local", "http", "s3", "gcs", "azurerm", "pg", "kubernetes"]

  /// What a backend may see of our environment beyond the provider's own list: its credentials.
  static func environment(_ type: String) -> [String] {
    switch type {
    case "s3":
      [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
        "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL*",
        "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
      ]
    case "gcs": ["GOOGLE_*", "CLOUDSDK_*"]
    case "azurerm": ["ARM_*", "AZURE_*"]
    case "pg": ["PG*"]
    case "kubernetes": ["KUBE_*", "KUBECONFIG", "KUBERNETES_*"]
    case "http": ["TF_HTTP_*"]
    default: []
    }
  }
}

/// Decides who keeps a stack's state: the manifest's labels, else the settings, else we do.
enum BackendChoice {
  private static let labelGroups = [
    "terraform.planton.dev", "tofu.planton.dev", "terraform.project-planton.org",
    "tofu.project-planton.org",
  ]

  static func choose(
    _ manifest: Manifest,
    stack: StackID,
    settings: Settings
  ) -> Result<StateBackend, DiagnosticFailure> {
    if let group = labelGroups.first(where: { manifest.labels["\($0)/backend.type"] != nil }) {
      return fromLabels(manifest, group: group, stack: stack)
    }
    guard let rule = settings.backend(for: stack) else { return .success(.managed) }
    return .success(
      .external(
        type: rule.type,
        configuration: withStateKey(rule.type, rule.configuration, stack: stack)
      )
    )
  }

  private static func fromLabels(
    _ manifest: Manifest,
    group: String,
    stack: StackID
  ) -> Result<StateBackend, DiagnosticFailure> {
    let type = manifest.labels["\(group)/backend.type"] ?? ""
    guard BackendType.all.contains(type) else {
      return .failure(
        DiagnosticFailure(
          .error(
            "backend.type",
            "`\(type)` is no backend",
            at: manifest.location,
            path: "metadata.labels.\"\(group)/backend.type\"",
            hint: Suggestion.nearest(to: type, among: BackendType.all).map { "did you mean `\($0)`?" }
              ?? "known are \(BackendType.all.joined(separator: ", "))"
          )
        )
      )
    }
    var configuration = JSONObject()
    for field in [
      "bucket", "key", "prefix", "region", "endpoint", "container_name", "storage_account_name", "path",
    ] {
      guard let value = manifest.labels["\(group)/backend.\(field)"] else { continue }
      if type == "s3", field == "endpoint" {
        configuration["endpoints"] = ["s3": .string(value)]
      } else {
        configuration[field] = .string(value)
      }
    }
    return .success(
      .external(type: type, configuration: withStateKey(type, .object(configuration), stack: stack))
    )
  }

  /// Two stacks must never share one state: where the configuration names no place of the stack's
  /// own, its name is the place.
  private static func withStateKey(_ type: String, _ configuration: JSONValue, stack: StackID) -> JSONValue {
    guard var object = configuration.object else { return configuration }
    let name = stack.description
    switch type {
    case "s3", "azurerm": if object["key"] == nil { object["key"] = .string("\(name).tfstate") }
    case "gcs": if object["prefix"] == nil { object["prefix"] = .string(name) }
    case "pg": if object["schema_name"] == nil { object["schema_name"] = .string(identifier(name)) }
    case "kubernetes":
      if object["secret_suffix"] == nil { object["secret_suffix"] = .string(identifier(name)) }
    default: break
    }
    return .object(object)
  }

  /// A name that a database schema or a Kubernetes object may have.
  private static func identifier(_ name: String) -> String {
    String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" })
  }
}

/// A problem in what the user gave, that ends a command.
struct DiagnosticFailure: Error {
  var diagnostics: [Diagnostic]

  init(_ diagnostics: Diagnostic...) { self.diagnostics = diagnostics }

  init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

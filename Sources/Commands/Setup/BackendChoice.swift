import Digests
import JobRunner
import Manifests
import StackModel

/// Decides who keeps a stack's state: the manifest's labels, else the settings, else we do.
struct BackendChoice {
  let stack: StackID
  let settings: Settings
  let stateHome: String

  private static let labelGroups = [
    "terraform.planton.dev", "tofu.planton.dev", "terraform.project-planton.org",
    "tofu.project-planton.org",
  ]

  /// The labels of a backend's configuration, as `<group>/backend.<field>`.
  private static let labelFields = [
    "bucket", "key", "prefix", "region", "endpoint", "container_name", "storage_account_name", "path",
  ]

  /// A backend that a label or a rule names.
  struct Named {
    var type: String
    var configuration: JSONValue
    var location: SourceLocation?
  }

  func choose(_ manifest: Manifest) -> Result<StateBackend, DiagnosticFailure> {
    named(manifest).flatMap { named in
      guard let named else { return .success(.managed) }
      return external(named.type, named.configuration, at: named.location)
    }
  }

  /// Nil where nobody names one.
  func named(_ manifest: Manifest) -> Result<Named?, DiagnosticFailure> {
    if let group = Self.labelGroups.first(where: { manifest.labels["\($0)/backend.type"] != nil }) {
      return fromLabels(manifest, group: group).map { $0 }
    }
    return .success(
      settings.backend(for: stack).map {
        Named(type: $0.type, configuration: $0.configuration, location: $0.location)
      }
    )
  }

  private func fromLabels(_ manifest: Manifest, group: String) -> Result<Named, DiagnosticFailure> {
    let type = manifest.labels["\(group)/backend.type"] ?? ""
    guard BackendName.all.contains(type) else {
      let hint = Suggestion.nearest(to: type, among: BackendName.all).map { "did you mean `\($0)`?" }
      return .failure(
        DiagnosticFailure(
          .error(
            "backend.type",
            "`\(type)` is no backend",
            at: manifest.location,
            path: "metadata.labels.\"\(group)/backend.type\"",
            hint: hint ?? "known are \(BackendName.all.joined(separator: ", "))"
          )
        )
      )
    }
    var configuration = JSONObject()
    for field in Self.labelFields {
      guard let value = manifest.labels["\(group)/backend.\(field)"] else { continue }
      if type == "s3", field == "endpoint" {
        configuration["endpoints"] = ["s3": .string(value)]
      } else {
        configuration[field] = .string(value)
      }
    }
    return .success(Named(type: type, configuration: .object(configuration), location: manifest.location))
  }

  private func external(
    _ type: String,
    _ configuration: JSONValue,
    at location: SourceLocation?
  ) -> Result<StateBackend, DiagnosticFailure> {
    guard type != BackendName.pulumi.rawValue else {
      return .failure(
        DiagnosticFailure(
          .error(
            "backend.type",
            "the backend `pulumi` is Pulumi's alone",
            at: location,
            hint: "run the stack with --engine pulumi, or name a backend of Terraform's"
          )
        )
      )
    }
    let complete = withStateKey(type, configuration)
    // A relative path would lie in the workspace, which does not outlive the job.
    if type == "local", let path = complete["path"]?.string, !path.hasPrefix("/") {
      return .failure(
        DiagnosticFailure(
          .error(
            "backend.path",
            "the path `\(path)` of the local backend is not absolute",
            at: location,
            hint: "give the whole path, or none for a place below the state home"
          )
        )
      )
    }
    return .success(.external(type: type, configuration: complete))
  }

  /// Two stacks must never share one state: where the configuration names no place of the stack's
  /// own, its name is the place.
  private func withStateKey(_ type: String, _ configuration: JSONValue) -> JSONValue {
    guard var object = configuration.object else { return configuration }
    let (key, value): (String, String)
    switch type {
    case "s3", "azurerm": (key, value) = ("key", "\(stack).tfstate")
    case "gcs": (key, value) = ("prefix", stack.description)
    case "pg": (key, value) = ("schema_name", identifier)
    case "kubernetes": (key, value) = ("secret_suffix", identifier)
    case "local":
      (key, value) = ("path", "\(StackFolder(home: stateHome, stack: stack).path)/terraform.tfstate")
    default: return configuration
    }
    if object[key] == nil { object[key] = .string(value) }
    return .object(object)
  }

  /// The stack's name as a database schema or a Kubernetes object may be called. The digest keeps
  /// apart what the replaced characters do not.
  var identifier: String {
    let name = stack.description
    let readable = String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" })
    return "\(readable.prefix(40))-\(SHA256.digest(of: Array(name.utf8)).prefix(8))"
  }
}

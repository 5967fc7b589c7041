/// One call of Pulumi, in the project's folder. The argument list is a pure function of the value.
package enum PulumiCommand: Sendable, Equatable {
  case version
  /// Makes the stack if it is not there. The provider keeps its secrets: `passphrase`, `awskms://...` and so on.
  case selectStack(secretsProvider: String)
  /// Takes the value from standard input; as an argument everybody on the machine could read it.
  case setSecret(String)
  case preview(Change, savePlan: String?)
  /// A preview that ends with ``PulumiExit/changes`` when what is there is not what the state says.
  case drift
  case update(Change, plan: String?, message: String)
  case refresh(Change)
  case previewDestroy(Change)
  case destroy(Change)
  case outputs
  case exportState(file: String)
  case importState(file: String)
  /// Takes every lock of the stack away, whoever holds it.
  case breakLocks
  case removeStack

  package struct Change: Sendable, Equatable {
    /// Asks the platform what is there first.
    package var refresh: Bool
    package var parallelism: Int?

    package init(refresh: Bool = true, parallelism: Int? = nil) {
      self.refresh = refresh
      self.parallelism = parallelism
    }

    fileprivate var arguments: [String] {
      (refresh ? ["--refresh"] : []) + (parallelism.map { ["--parallel", "\($0)"] } ?? [])
    }

    fileprivate var parallel: [String] { parallelism.map { ["--parallel", "\($0)"] } ?? [] }
  }

  /// Without `--skip-preview` an update prints a preview of another form before its events.
  private static let unattended = ["--yes", "--skip-preview", "--json"]

  package func arguments(stack: String) -> [String] {
    let stackArguments = ["--stack", stack]
    let own: [String] =
      switch self {
      case .version: ["version"]
      case .selectStack(let provider):
        ["stack", "select", "--create", "--secrets-provider", provider] + stackArguments
      case .setSecret(let name): ["config", "set", name, "--secret"] + stackArguments
      case .preview(let change, let plan):
        ["preview", "--json"] + stackArguments + change.arguments + (plan.map { ["--save-plan", $0] } ?? [])
      case .drift: ["refresh", "--preview-only", "--expect-no-changes", "--json"] + stackArguments
      case .update(let change, let plan, let message):
        ["up"] + Self.unattended + stackArguments + ["--message", message] + change.arguments
          + (plan.map { ["--plan", $0] } ?? [])
      case .refresh(let change): ["refresh"] + Self.unattended + stackArguments + change.parallel
      case .previewDestroy(let change):
        ["destroy", "--preview-only", "--json"] + stackArguments + change.arguments
      case .destroy(let change): ["destroy"] + Self.unattended + stackArguments + change.arguments
      case .outputs: ["stack", "output", "--json"] + stackArguments
      case .exportState(let file): ["stack", "export", "--file", file] + stackArguments
      case .importState(let file): ["stack", "import", "--file", file] + stackArguments
      case .breakLocks: ["cancel", "--yes"] + stackArguments
      case .removeStack: ["stack", "rm", stack, "--yes"]
      }
    return ["--non-interactive", "--color", "never"] + own
  }
}

/// The environment of a Pulumi process.
package enum PulumiEnvironment {
  /// Every flag can be set by a variable, so none of these passes from outside.
  package static let reserved = ["PULUMI_*"]

  /// What we set for every command.
  ///
  /// - Parameters:
  ///   - home: where plugins and the schema cache lie; without it Pulumi would look for one.
  ///   - allowsDownload: whether a plugin that is missing may be fetched.
  package static func fixed(
    backend: PulumiBackend,
    passphraseFile: String?,
    home: String,
    allowsDownload: Bool
  ) -> [String: String] {
    var variables = [
      "PULUMI_BACKEND_URL": backend.url,
      "PULUMI_HOME": home,
      "PULUMI_SKIP_UPDATE_CHECK": "true",
      "PULUMI_AUTOMATION_API": "true",
      "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
      // A preview tells events line by line, as an update does.
      "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
      // Without it a folder that lost its stack file gets a new salt, and secrets are lost.
      "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    ]
    if !allowsDownload { variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true" }
    if let passphraseFile { variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = passphraseFile }
    return variables
  }
}

/// Where a stack's state is kept.
package struct PulumiBackend: Sendable, Equatable {
  package var url: String

  private static let schemes = ["file", "s3", "gs", "azblob", "postgres", "http", "https"]

  /// Nil for a scheme that is none of Pulumi's: it would take such a URL for its hosted service.
  package init?(_ url: String) {
    guard let end = url.firstRange(of: "://"), Self.schemes.contains(String(url[..<end.lowerBound])),
      end.upperBound < url.endIndex
    else { return nil }
    self.url = url
  }
}

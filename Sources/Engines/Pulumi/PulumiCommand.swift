/// One call of Pulumi, in the project's folder. The argument list is a pure function of the value.
package enum PulumiCommand: Sendable, Equatable {
  case version
  /// Makes the stack if it is not there. The provider keeps its secrets: `passphrase`, `awskms://...` and so on.
  case selectStack(secretsProvider: String)
  /// Fails with ``PulumiExit/noStack`` where it is not there.
  case openStack
  /// Takes the value from standard input; as an argument everybody on the machine could read it.
  case setSecret(String)
  case preview(Change, savePlan: String?)
  /// A preview that ends with ``PulumiExit/changes`` when what is there is not what the state says.
  case drift(Change)
  case update(Change, plan: String?, message: String)
  /// Pending creates are forgotten only when told to: what they stand for may exist.
  case refresh(Change, clearsPendingCreates: Bool)
  case previewRefresh(Change)
  case previewDestroy(Change)
  case destroy(Change)
  case outputs
  case exportState(file: String)
  case importState(file: String)
  /// Takes every lock of the stack away, whoever holds it.
  case breakLocks
  /// Puts a plugin into the home from a file or folder, not from the network.
  case installPlugin(PulumiPlugin, file: String)

  package struct Change: Sendable, Equatable {
    /// Asks the platform what is there first.
    package var refresh: Bool
    package var parallelism: Int?
    /// URNs of resources that are made anew though nothing asks for it.
    package var replace: [String]

    package init(refresh: Bool = true, parallelism: Int? = nil, replace: [String] = []) {
      self.refresh = refresh
      self.parallelism = parallelism
      self.replace = replace
    }

    fileprivate var replacements: [String] { replace.flatMap { ["--replace", $0] } }

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
        ["preview", "--json"] + stackArguments + change.arguments + change.replacements
          + (plan.map { ["--save-plan", $0] } ?? [])
      case .openStack: ["stack", "select"] + stackArguments
      case .drift(let change):
        ["refresh", "--preview-only", "--expect-no-changes", "--json"] + stackArguments + change.parallel
      case .update(let change, let plan, let message):
        ["up"] + Self.unattended + stackArguments + ["--message", message] + change.arguments
          + change.replacements + (plan.map { ["--plan", $0] } ?? [])
      case .refresh(let change, let clears):
        ["refresh"] + Self.unattended + stackArguments + change.parallel
          + (clears ? ["--clear-pending-creates"] : [])
      case .previewRefresh(let change):
        ["refresh", "--preview-only", "--json"] + stackArguments + change.parallel
      case .previewDestroy(let change):
        ["destroy", "--preview-only", "--json"] + stackArguments + change.arguments
      case .destroy(let change): ["destroy"] + Self.unattended + stackArguments + change.arguments
      case .outputs: ["stack", "output", "--json"] + stackArguments
      case .exportState(let file): ["stack", "export", "--file", file] + stackArguments
      case .importState(let file): ["stack", "import", "--file", file] + stackArguments
      case .breakLocks: ["cancel", "--yes"] + stackArguments
      case .installPlugin(let plugin, let file):
        ["plugin", "install", "resource", plugin.name, plugin.version, "--file", file]
      }
    return ["--non-interactive", "--color", "never"] + own
  }
}

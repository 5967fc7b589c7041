/// One call of Terraform or OpenTofu. The argument list is a pure function of the value.
package enum TerraformCommand: Sendable, Equatable {
  case version
  case initialize
  case plan(Plan)
  /// Prints a saved plan as one JSON document.
  case show(planFile: String)
  /// Carries out a saved plan, that very one.
  case apply(planFile: String, parallelism: Int?)
  case output

  package struct Plan: Sendable, Equatable {
    package enum Mode: String, Sendable {
      case update, destroy
      case refreshOnly
    }

    package var mode: Mode
    /// Where the plan is saved.
    package var outFile: String
    /// False trusts the state and asks the platform nothing.
    package var refresh: Bool
    package var parallelism: Int?
    /// Addresses to replace though nothing changed.
    package var replace: [String]

    package init(
      mode: Mode = .update,
      outFile: String,
      refresh: Bool = true,
      parallelism: Int? = nil,
      replace: [String] = []
    ) {
      self.mode = mode
      self.outFile = outFile
      self.refresh = refresh
      self.parallelism = parallelism
      self.replace = replace
    }
  }

  package var arguments: [String] {
    switch self {
    case .version: ["version", "-json"]
    // No upgrade: what the lock file names is what runs.
    case .initialize: ["init", "-input=false", "-json"]
    case .plan(let plan): plan.arguments
    case .show(let planFile): ["show", "-json", planFile]
    case .apply(let planFile, let parallelism):
      ["apply", "-input=false", "-json"] + Self.parallelism(parallelism) + [planFile]
    case .output: ["output", "-json"]
    }
  }

  /// Whether a provider is asked for anything, its schema included.
  package var usesProviders: Bool {
    switch self {
    case .plan, .show, .apply: true
    case .version, .initialize, .output: false
    }
  }

  fileprivate static func parallelism(_ value: Int?) -> [String] {
    value.map { ["-parallelism=\($0)"] } ?? []
  }
}

extension TerraformCommand.Plan {
  var arguments: [String] {
    var arguments = ["plan", "-input=false", "-json", "-out=\(outFile)"]
    switch mode {
    case .update: break
    case .destroy: arguments.append("-destroy")
    case .refreshOnly: arguments.append("-refresh-only")
    }
    if !refresh { arguments.append("-refresh=false") }
    arguments += TerraformCommand.parallelism(parallelism)
    arguments += replace.map { "-replace=\($0)" }
    return arguments
  }
}

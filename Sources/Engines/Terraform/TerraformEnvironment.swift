/// The environment of a Terraform or OpenTofu process.
package enum TerraformEnvironment {
  /// Names that would change what a run does without the job knowing; they never pass from outside.
  package static let reserved = ["TF_*", "TOFU_*", "TERRAFORM_*"]

  /// What we set for every command.
  ///
  /// - Parameters:
  ///   - cliConfig: path of the CLI configuration file we wrote.
  ///   - logLevel: Terraform's own log on standard error, off unless a person asked for it.
  package static func fixed(cliConfig: String, logLevel: String?) -> [String: String] {
    var variables = [
      "TF_CLI_CONFIG_FILE": cliConfig,
      "TF_IN_AUTOMATION": "1",
      "TF_INPUT": "0",
      "CHECKPOINT_DISABLE": "1",
      // The default location, said aloud, so that no setting of the home folder moves it.
      "TF_DATA_DIR": ".terraform",
    ]
    if let logLevel { variables["TF_LOG"] = logLevel }
    return variables
  }
}

/// Where Terraform keeps its state through the `http` backend; see `docs/state.md`.
package struct HTTPBackendAddress: Sendable, Equatable {
  package var url: String
  package var user: String
  package var password: String

  package init(url: String, user: String, password: String) {
    self.url = url
    self.user = user
    self.password = password
  }

  /// The backend is configured by environment alone, so that neither the workspace nor a saved plan
  /// holds an address or a token.
  package var environment: [String: String] {
    [
      "TF_HTTP_ADDRESS": "\(url)/state",
      "TF_HTTP_UPDATE_METHOD": "POST",
      "TF_HTTP_LOCK_ADDRESS": "\(url)/lock",
      "TF_HTTP_LOCK_METHOD": "LOCK",
      "TF_HTTP_UNLOCK_ADDRESS": "\(url)/lock",
      "TF_HTTP_UNLOCK_METHOD": "UNLOCK",
      "TF_HTTP_USERNAME": user,
      "TF_HTTP_PASSWORD": password,
    ]
  }
}

extension TerraformEnvironment {
  /// The reserved names of an environment, spelled out, without those of the `http` backend.
  package static func reservedExceptHTTP(in environment: [String: String]) -> [String] {
    environment.keys.filter { name in
      !name.hasPrefix("TF_HTTP_") && ["TF_", "TOFU_", "TERRAFORM_"].contains { name.hasPrefix($0) }
    }
  }
}

package import StackModel

/// A manifest turned into what an engine runs: files in memory, nothing written yet.
package struct Program: Sendable {
  package struct File: Sendable, Hashable {
    /// Relative to the program's folder.
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// Everything that `render` writes: the kind's module as it is, and the values in
  /// `terraform.tfvars.json`. No file holds a secret.
  package var files: [File]
  /// Values for the module's ephemeral variables, by variable and then by key.
  package var secrets: [String: [String: Secret]]
  /// `<address>.<attribute>` that something other than the program owns once it is made, such as the
  /// count of an autoscaled service: a change there is no drift.
  package var ownedAttributes: Set<String>

  package init(
    files: [File],
    secrets: [String: [String: Secret]] = [:],
    ownedAttributes: Set<String> = []
  ) {
    self.files = files.sorted { $0.path < $1.path }
    self.secrets = secrets
    self.ownedAttributes = ownedAttributes
  }

  package static let valuesFile = "terraform.tfvars.json"
  /// What stands for the secrets of a program for Pulumi.
  package static let secretsFile = "secrets.json"

  /// Whether a file holds values, and not what is done with them.
  package static func holdsValues(_ path: String) -> Bool { path == valuesFile || path == secretsFile }

  /// Under which a program for Pulumi has its secret config, by name.
  package static let pulumiConfig = "config"

  /// The ephemeral variables as environment variables of the engine. They reach no file: neither
  /// plan nor state keeps an ephemeral value.
  package var secretEnvironment: [String: String] {
    Dictionary(
      uniqueKeysWithValues: secrets.map { variable, values in
        let object = JSONObject(
          values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.reveal())) }
        )
        return ("TF_VAR_\(variable)", JSONValue.object(object).text())
      }
    )
  }

  package var secretValues: [Secret] { secrets.values.flatMap(\.values) }
}

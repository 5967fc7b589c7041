package import StackModel

/// A manifest turned into a project for Pulumi's YAML runtime: two files, and the values of its secrets
/// apart from them.
package struct PulumiProgram: Sendable {
  /// The project's settings.
  package var settings: JSONValue
  /// The program, with nothing left to work out but references among its resources.
  package var program: JSONValue
  /// The program's secret config that comes from the manifest; no file holds the values.
  package var secrets: [SecretConfig]

  package struct SecretConfig: Sendable {
    package var name: String
    /// What the normal form calls it, such as `web-env-secrets/DB_PASSWORD`.
    package var key: String
    package var value: Secret
  }

  package var files: [Program.File] {
    [
      Program.File(path: PulumiTemplate.programFile, bytes: PulumiText.bytes(program)),
      Program.File(path: PulumiTemplate.projectFile, bytes: PulumiText.bytes(settings)),
    ]
  }

  /// Every config that the program asks for.
  package var configNames: [String] { program["config"]?.object?.keys ?? [] }
}

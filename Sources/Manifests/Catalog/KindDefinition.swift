package import YAMLTree

/// What a manifest can describe: the content of a kind's folder.
package struct KindDefinition: Sendable {
  package var kind: String
  package var title: String
  package var description: String
  /// The legal values of `apiVersion`, the preferred one first.
  package var apiVersions: [String]
  /// The provider's name, a folder under `providers/`.
  package var provider: String
  /// The map that `--image` puts `repo` and `tag` into.
  package var injectImagePath: FieldPath?
  /// The text field that `--version-tag` sets.
  package var injectVersionPath: FieldPath?
  /// Terraform override files that join the module when a path of the normal form holds something.
  package var terraformOverrides: [TerraformOverride]
  package var outputs: [Output]
  package var fieldMap: FieldMap
  /// The kind's folder.
  package var directory: String
  package var schema: JSONSchema

  package struct TerraformOverride: Sendable, Hashable {
    /// A path of the normal form; the file is used when what is there is not null, false or empty.
    package var when: String
    /// Below the kind's folder.
    package var file: String
    /// `<address>.<attribute>` that the file leaves to somebody else, so that a change is no drift.
    package var owned: [String]
  }

  package struct Output: Sendable, Hashable {
    package var name: String
    package var description: String
    package var isSensitive: Bool
  }

  /// Which manifest field a Terraform problem is about.
  package struct FieldMap: Sendable, Hashable {
    /// Variable name, or a path below one, to field path.
    package var variables: [String: String]
    /// Resource type, or address without index, to field path.
    package var resources: [String: String]
  }
}

/// What `stackjob kinds` lists: read from `kind.yaml` alone.
package struct KindSummary: Sendable, Hashable {
  package var kind: String
  package var title: String
  package var description: String
  package var apiVersions: [String]
  package var provider: String
  package var directory: String
}

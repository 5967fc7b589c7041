package import StackModel
import YAMLTree

/// What `providers/<name>/provider.yaml` says about a provider.
package struct ProviderDefinition: Sendable, Hashable {
  package struct Variable: Sendable, Hashable {
    /// Exact, or with a trailing `*`.
    package var name: String
    /// Its value is masked wherever it shows up.
    package var isSecret: Bool
  }

  package var name: String
  package var title: String
  /// For example `registry.terraform.io/hashicorp/aws`.
  package var source: String
  /// The versions that the kinds are tested with.
  package var versions: String
  /// Whether its modules take a `connection`, without which they do not plan.
  package var needsConnection: Bool
  /// What the provider's process may see of our environment.
  package var environment: [Variable]

  /// Looks for the provider below an ordered list of roots; the first that has it wins.
  package static func read(
    _ name: String,
    roots: [String]
  ) -> (provider: ProviderDefinition?, diagnostics: [Diagnostic]) {
    let paths = roots.map { "\($0)/\(name)/provider.yaml" }
    guard let path = paths.first(where: Directory.isFile) else {
      return (
        nil,
        [
          .error(
            "provider.unknown",
            "there is no provider `\(name)`",
            hint: "looked for \(paths.joined(separator: ", "))"
          )
        ]
      )
    }
    let (documents, problems) = YAMLReader.readFile(path)
    guard let root = documents.first, !problems.hasErrors else { return (nil, problems) }
    guard let source = root["source"]?.string else {
      return (nil, [.error("provider.source", "`source` is missing", at: root.location, path: "source")])
    }
    let variables = (root["environment"]?.list ?? []).compactMap { node in
      node["name"]?.string.map { Variable(name: $0, isSecret: node["secret"]?.bool ?? false) }
    }
    let provider = ProviderDefinition(
      name: name,
      title: root["title"]?.string ?? name,
      source: source,
      versions: root["versions"]?.string ?? "",
      needsConnection: root["connection"] != nil,
      environment: variables
    )
    return (provider, problems)
  }

  /// The values that must not be shown, out of an environment.
  package func secrets(in environment: [String: String]) -> [Secret] {
    self.environment.filter(\.isSecret).compactMap { environment[$0.name].map(Secret.init) }
  }
}

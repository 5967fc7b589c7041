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

  /// How its modules are told what to work on.
  package struct Connection: Sendable, Hashable {
    package struct Key: Sendable, Hashable {
      package var key: String
      /// The variables that may hold it, the strongest first.
      package var environment: [String]
    }

    /// The module's ephemeral variable.
    package var variable: String
    package var keys: [Key]
    /// Where a pod finds its account.
    package var podFolder: String
    /// The variables with the cluster's host and port in a pod.
    package var podHost: [String]

    /// Every variable that says where to go.
    package var variables: [String] { keys.flatMap(\.environment) + podHost }
  }

  package var name: String
  package var title: String
  /// For example `registry.terraform.io/hashicorp/aws`.
  package var source: String
  /// The versions that the kinds are tested with.
  package var versions: String
  /// What its modules take as their connection, without which they do not plan.
  package var connection: Connection?
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
      connection: root["connection"].map(connection),
      environment: variables
    )
    return (provider, problems)
  }

  private static func connection(_ node: YAMLNode) -> Connection {
    func texts(_ node: YAMLNode?) -> [String] { (node?.list ?? []).compactMap(\.string) }
    return Connection(
      variable: node["variable"]?.string ?? "connection",
      keys: (node["keys"]?.list ?? []).compactMap { entry in
        entry["key"]?.string.map { Connection.Key(key: $0, environment: texts(entry["environment"])) }
      },
      podFolder: node["inCluster"]?["folder"]?.string ?? "",
      podHost: texts(node["inCluster"]?["host"])
    )
  }

  /// The values that must not be shown, out of an environment.
  package func secrets(in environment: [String: String]) -> [Secret] {
    self.environment.filter(\.isSecret).compactMap { environment[$0.name].map(Secret.init) }
  }
}

import LocalFiles
import StackModel
import YAMLTree

/// One or several kubeconfig files, read as kubectl reads them: of two entries with one name the first
/// counts, and paths are relative to the file that holds them.
struct Kubeconfig {
  private var clusters: [(name: String, node: YAMLNode, folder: String)] = []
  private var users: [(name: String, node: YAMLNode, folder: String)] = []
  private var contexts: [(name: String, node: YAMLNode, folder: String)] = []
  private var current: String?
  private let files: [String]

  /// Of several files, missing ones are passed over.
  static func read(_ files: [String]) -> (kubeconfig: Kubeconfig?, diagnostics: [Diagnostic]) {
    let present = files.filter(LocalFiles.exists)
    guard !present.isEmpty else {
      return (
        nil,
        [
          .error(
            "cluster.kubeconfig",
            "there is no kubeconfig at \(files.joined(separator: ", "))",
            hint: "give one that exists with --kubeconfig, or in KUBECONFIG"
          )
        ]
      )
    }
    var config = Kubeconfig(files: present)
    var problems: [Diagnostic] = []
    for file in present {
      let (documents, found) = YAMLReader.readFile(file)
      problems += found
      guard let root = documents.first, !found.hasErrors else { continue }
      guard root.mapping != nil, root["clusters"] != nil || root["contexts"] != nil || root["users"] != nil
      else {
        problems.append(
          .error(
            "cluster.kubeconfig",
            "this is no kubeconfig: it has neither clusters, contexts nor users",
            at: root.location,
            hint: "`kubectl config view --raw` prints one"
          )
        )
        continue
      }
      config.add(root, folder: LocalFiles.parent(of: LocalFiles.absolute(file)))
    }
    return (problems.hasErrors ? nil : config, problems)
  }

  private init(files: [String]) { self.files = files }

  private mutating func add(_ root: YAMLNode, folder: String) {
    func entries(_ key: String, _ known: [(name: String, node: YAMLNode, folder: String)])
      -> [(name: String, node: YAMLNode, folder: String)]
    {
      var all = known
      for entry in root[key]?.list ?? [] {
        guard let name = entry["name"]?.scalar?.text, !all.contains(where: { $0.name == name }) else {
          continue
        }
        all.append((name, entry, folder))
      }
      return all
    }
    clusters = entries("clusters", clusters)
    users = entries("users", users)
    contexts = entries("contexts", contexts)
    if current == nil, let name = root["current-context"]?.scalar?.text, !name.isEmpty { current = name }
  }

  /// The one context, with its cluster and user.
  func connection(context wanted: String?) -> Result<ClusterConnection, DiagnosticFailure> {
    guard let name = wanted ?? current else {
      return failure(
        "cluster.context",
        "the kubeconfig has no current context",
        "name one with --context: \(names(contexts))"
      )
    }
    guard let context = contexts.first(where: { $0.name == name }) else {
      let near = Suggestion.nearest(to: name, among: contexts.map(\.name)).map { "did you mean `\($0)`? " }
      return failure(
        "cluster.context",
        "the kubeconfig has no context `\(name)`",
        "\(near ?? "")it has \(names(contexts))"
      )
    }
    let body = context.node["context"]
    let (clusterName, userName) = (body?["cluster"]?.scalar?.text ?? "", body?["user"]?.scalar?.text ?? "")
    guard let cluster = clusters.first(where: { $0.name == clusterName }),
      let server = cluster.node["cluster"]?["server"]?.string, !server.isEmpty
    else {
      return failure(
        "cluster.kubeconfig",
        "the context `\(name)` leads to the cluster `\(clusterName)`, which has no server in the kubeconfig",
        "mend it with `kubectl config set-cluster`",
        at: context.node.location
      )
    }
    guard let user = users.first(where: { $0.name == userName }) else {
      return failure(
        "cluster.kubeconfig",
        "the context `\(name)` leads to the user `\(userName)`, which the kubeconfig does not have",
        "mend it with `kubectl config set-credentials`",
        at: context.node.location
      )
    }
    return .success(
      ClusterConnection(
        cluster: rooted(cluster.node["cluster"], ["certificate-authority"], cluster.folder),
        user: rootedUser(user.node["user"], user.folder),
        namespace: body?["namespace"]?.string,
        told: ProviderTarget(provider: "kubernetes", target: server, context: name, user: userName)
      )
    )
  }

  private func rootedUser(_ node: YAMLNode?, _ folder: String) -> JSONObject {
    var user = rooted(node, ["client-certificate", "client-key", "tokenFile"], folder)
    // A plugin named without a slash is looked for on the PATH.
    if var exec = user["exec"]?.object, let command = exec["command"]?.string, command.contains("/"),
      !command.hasPrefix("/")
    {
      exec["command"] = .string("\(folder)/\(command)")
      user["exec"] = .object(exec)
    }
    return user
  }

  private func rooted(_ node: YAMLNode?, _ keys: [String], _ folder: String) -> JSONObject {
    var object = node?.json.object ?? [:]
    for key in keys {
      guard let path = object[key]?.string, !path.isEmpty, !path.hasPrefix("/") else { continue }
      object[key] = .string("\(folder)/\(path)")
    }
    return object
  }

  private func names(_ entries: [(name: String, node: YAMLNode, folder: String)]) -> String {
    entries.isEmpty ? "none" : entries.map { "`\($0.name)`" }.joined(separator: ", ")
  }

  private func failure(
    _ code: String,
    _ message: String,
    _ hint: String,
    at location: SourceLocation? = nil
  ) -> Result<ClusterConnection, DiagnosticFailure> {
    .failure(
      DiagnosticFailure(
        .error(code, message, at: location ?? files.first.map { SourceLocation(file: $0) }, hint: hint)
      )
    )
  }
}

import ClusterAccess
import JobRunner
import JobSources
import LocalFiles
import ReferenceSources
import StackModel
import YAMLTree

/// The user's settings file; `docs/settings.md` lists its keys.
struct Settings: Sendable {
  struct BackendRule: Sendable {
    /// Parts of a stack's name that must be equal; absent ones match all.
    var match: [String: String]
    var type: String
    var configuration: JSONValue
    var location: SourceLocation
  }

  var engine: EngineName?
  var providers: ProviderMode?
  var templates: [String] = []
  var providerMirrors: [String] = []
  var pluginCache: String?
  var allowDownload = true
  var maskEnvironment: [String] = []
  var maskFile: String?
  var passEnvironment: [String] = []
  var parallelism: Int?
  /// How many started providers a worker keeps.
  var providerPool: Int?
  var backends: [BackendRule] = []
  var clusters: [ClusterRule] = []
  var pulumi = PulumiSettings()
  var references: [SourceRule] = []
  /// Where workers may call back, and with which secrets.
  var callbacks: [CallbackRule] = []
  /// What plain variables take from secrets groups is kept as a secret instead of being refused.
  var keepsSecretVariables = false

  /// The cluster of a stack: the first rule that matches.
  func cluster(for stack: StackID) -> ClusterSource? { clusters.first { $0.matches(stack) }?.source }

  /// Reads the file. One that is not there means that nothing is set, unless it was named.
  static func load(_ locations: Locations) -> (settings: Settings, diagnostics: [Diagnostic]) {
    guard LocalFiles.exists(locations.settings) || locations.settingsAreNamed else {
      return (Settings(), [])
    }
    let (documents, problems) = YAMLReader.readFile(locations.settings)
    guard let root = documents.first, !problems.hasErrors else { return (Settings(), problems) }
    var reader = SettingsReader(file: locations.settings)
    let settings = reader.read(root)
    return (settings, problems + reader.diagnostics)
  }

  /// The backend of a stack: the first rule that matches.
  func backend(for stack: StackID) -> BackendRule? {
    backends.first { stack.matches($0.match) }
  }
}

/// Takes settings out of a tree and notes what does not belong there.
private struct SettingsReader {
  let file: String
  var diagnostics: [Diagnostic] = []

  private static let keys = [
    "engine", "providers", "templates", "providerMirrors", "pluginCache", "allowDownload", "maskEnv",
    "maskFile",
    "passEnv", "parallelism", "backends", "clusters", "pulumi", "references", "secretsInVariables",
    "callbacks", "providerPool",
  ]

  init(file: String) { self.file = file }

  mutating func read(_ root: YAMLNode) -> Settings {
    var settings = Settings()
    guard let mapping = root.mapping else {
      report("the settings are not a map", root)
      return settings
    }
    for entry in mapping.entries where !Self.keys.contains(entry.key) {
      unknown(entry.key, Self.keys, at: entry.keyLocation)
    }
    if let node = root["engine"] {
      settings.engine = node.string.flatMap(EngineName.init)
      if settings.engine == nil {
        report("`engine` is one of \(EngineName.allCases.map(\.rawValue).joined(separator: ", "))", node)
      }
    }
    if let node = root["providers"] {
      settings.providers = node.string.flatMap(ProviderMode.init)
      if settings.providers == nil {
        report("`providers` is one of \(ProviderMode.allCases.map(\.rawValue).joined(separator: ", "))", node)
      }
    }
    settings.templates = texts("templates", root)
    settings.providerMirrors = texts("providerMirrors", root)
    settings.pluginCache = text("pluginCache", root)
    settings.maskEnvironment = texts("maskEnv", root)
    settings.maskFile = text("maskFile", root)
    settings.passEnvironment = texts("passEnv", root)
    settings.allowDownload = flag("allowDownload", root) ?? true
    settings.keepsSecretVariables = flag("secretsInVariables", root) ?? false
    if let node = root["parallelism"] {
      if let value = node.int, value > 0 {
        settings.parallelism = value
      } else {
        report("expected a whole number from 1", node)
      }
    }
    if let node = root["providerPool"] {
      if let value = node.int, value >= 0 {
        settings.providerPool = value
      } else {
        report("expected a whole number from 0", node)
      }
    }
    if let node = root["backends"] {
      if let list = node.list {
        settings.backends = list.compactMap { rule($0) }
      } else {
        report("expected a list", node)
      }
    }
    if let node = root["clusters"] {
      if let list = node.list {
        settings.clusters = list.map { cluster($0) }
      } else {
        report("expected a list", node)
      }
    }
    if let node = root["pulumi"] { settings.pulumi = pulumi(node) }
    if let node = root["references"] {
      if let list = node.list {
        var reader = SourceRuleReader()
        settings.references = list.compactMap { reader.read($0) }
        diagnostics += reader.diagnostics
      } else {
        report("expected a list", node)
      }
    }
    if let node = root["callbacks"] {
      if let list = node.list {
        settings.callbacks = list.compactMap { callback($0) }
      } else {
        report("expected a list", node)
      }
    }
    return settings
  }

  private mutating func pulumi(_ node: YAMLNode) -> PulumiSettings {
    var settings = PulumiSettings()
    guard let mapping = node.mapping else {
      report("expected a map", node)
      return settings
    }
    for entry in mapping.entries where !PulumiSettings.keys.contains(entry.key) {
      unknown(entry.key, PulumiSettings.keys, at: entry.keyLocation)
    }
    settings.plugins = texts("plugins", node)
    settings.allowsPluginDownload = flag("allowPluginDownload", node) ?? false
    settings.passphraseFile = text("passphraseFile", node)
    settings.passphraseEnvironment = text("passphraseEnv", node)
    settings.secretsProvider = text("secretsProvider", node)
    if settings.passphraseFile != nil, settings.passphraseEnvironment != nil {
      report("`passphraseFile` and `passphraseEnv` are two ways for one thing", node)
    }
    if let provider = settings.secretsProvider, !PulumiSettings.isSecretsProvider(provider) {
      report(
        "`secretsProvider` is passphrase, default or a URL of "
          + PulumiSettings.secretsProviders.joined(separator: ", "),
        node["secretsProvider"] ?? node
      )
    }
    return settings
  }

  private mutating func callback(_ node: YAMLNode) -> CallbackRule? {
    for entry in node.mapping?.entries ?? [] where !["url", "secretFile"].contains(entry.key) {
      unknown(entry.key, ["url", "secretFile"], at: entry.keyLocation)
    }
    guard let prefix = node["url"]?.string.flatMap(CallbackURL.init), prefix.query == nil else {
      report("`url` is the beginning of addresses, such as https://HOST/PATH", node["url"] ?? node)
      return nil
    }
    return CallbackRule(prefix: prefix, secretFile: text("secretFile", node))
  }

  private mutating func cluster(_ node: YAMLNode) -> Settings.ClusterRule {
    for entry in node.mapping?.entries ?? []
    where entry.key != "match" && !Settings.ClusterRule.keys.contains(entry.key) {
      unknown(entry.key, ["match"] + Settings.ClusterRule.keys, at: entry.keyLocation)
    }
    var values: [String: String] = [:]
    for key in Settings.ClusterRule.keys {
      guard let value = node[key] else { continue }
      if key == "inCluster" {
        guard let isSet = value.bool else {
          report("expected true or false", value)
          continue
        }
        if isSet { values[key] = "true" }
      } else if let text = value.string, !text.isEmpty {
        values[key] = text
      } else {
        report("`\(key)` is a text", value)
      }
    }
    // A rule that fits and names nothing would leave the choice to the environment.
    if Set(values.keys).isDisjoint(with: ["kubeconfig", "context", "inCluster", "host"]) {
      report("a cluster needs `kubeconfig`, `context`, `inCluster` or `host`", node)
    }
    return Settings.ClusterRule(match: match(node), values: values)
  }

  private mutating func rule(_ node: YAMLNode) -> Settings.BackendRule? {
    for entry in node.mapping?.entries ?? [] where !["match", "type", "config"].contains(entry.key) {
      unknown(entry.key, ["match", "type", "config"], at: entry.keyLocation)
    }
    guard let type = node["type"]?.string else {
      report("a backend needs a `type`", node)
      return nil
    }
    guard BackendName.all.contains(type) else {
      report(
        "`\(type)` is no backend; known are \(BackendName.all.joined(separator: ", "))",
        node["type"] ?? node
      )
      return nil
    }
    if let config = node["config"], config.mapping == nil { report("`config` is a map", config) }
    return Settings.BackendRule(
      match: match(node),
      type: type,
      configuration: node["config"]?.json ?? [:],
      location: node.location
    )
  }

  /// The parts of a stack's name that a rule is for.
  private mutating func match(_ node: YAMLNode) -> [String: String] {
    if let match = node["match"], match.mapping == nil { report("`match` is a map", match) }
    var match: [String: String] = [:]
    for entry in node["match"]?.mapping?.entries ?? [] {
      guard ["org", "env", "kind", "name"].contains(entry.key) else {
        unknown(entry.key, ["org", "env", "kind", "name"], at: entry.keyLocation)
        continue
      }
      guard let text = entry.value.scalar?.text, !entry.value.isNull else {
        report("`\(entry.key)` is a text", entry.value)
        continue
      }
      match[entry.key] = text
    }
    return match
  }

  private mutating func flag(_ key: String, _ root: YAMLNode) -> Bool? {
    guard let node = root[key] else { return nil }
    if node.bool == nil { report("expected true or false", node) }
    return node.bool
  }

  private mutating func text(_ key: String, _ root: YAMLNode) -> String? {
    guard let node = root[key] else { return nil }
    guard let text = node.string else {
      report("`\(key)` is a text", node)
      return nil
    }
    return text
  }

  private mutating func texts(_ key: String, _ root: YAMLNode) -> [String] {
    guard let node = root[key] else { return [] }
    guard let list = node.list, list.allSatisfy({ $0.string != nil }) else {
      report("`\(key)` is a list of texts", node)
      return []
    }
    return list.compactMap(\.string)
  }

  private mutating func unknown(_ key: String, _ known: [String], at location: SourceLocation) {
    let hint = Suggestion.nearest(to: key, among: known).map { "did you mean `\($0)`?" }
    diagnostics.append(
      .error(
        "settings.unknown-key",
        "`\(key)` is no setting",
        at: location,
        hint: hint ?? "known are \(known.joined(separator: ", "))"
      )
    )
  }

  private mutating func report(_ message: String, _ node: YAMLNode) {
    diagnostics.append(.error("settings.value", message, at: node.location))
  }
}

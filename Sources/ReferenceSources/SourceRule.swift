package import References
package import StackModel
package import YAMLTree

/// One source as the settings name it: a checked list of keys, nothing opened yet.
package struct SourceRule: Sendable {
  package enum Form: String, Sendable, CaseIterable {
    case files, directory, environment, http
    case secretsManager = "aws-secrets-manager"
    case parameterStore = "aws-ssm"
    case kubernetes, vault, sops, age, command
  }

  package var form: Form
  /// As messages name it.
  package var name: String
  package var kinds: Set<GroupKind>
  /// Seconds for one question.
  package var timeoutSeconds: Int
  /// Keys that hold one text.
  package var texts: [String: String]
  /// Keys that hold several.
  package var lists: [String: [String]]
  package var missingExit: Int?
  package var location: SourceLocation
}

extension SourceRule.Form {
  /// Keys of its own that must be there.
  var required: [String] {
    switch self {
    case .files: ["files"]
    case .directory: ["path"]
    case .environment: ["prefix"]
    case .http: ["url"]
    case .secretsManager, .parameterStore: []
    case .kubernetes: ["namespace"]
    case .vault: []
    case .sops: ["file"]
    case .age: ["file", "identity"]
    case .command: ["command"]
    }
  }

  /// Keys of its own that may be there.
  var optional: [String] {
    switch self {
    case .http: ["tokenFile", "field"]
    case .secretsManager: ["secret", "key", "region"]
    case .parameterStore: ["parameter", "region"]
    case .kubernetes: ["kubeconfig", "context"]
    case .vault: ["address", "mount", "path", "key", "namespace", "tokenFile"]
    case .command: ["missingExit", "passEnv"]
    case .sops, .age: ["passEnv"]
    case .files, .directory, .environment: []
    }
  }

  static let common = ["type", "name", "kinds", "timeoutSeconds"]
  static let lists = ["files", "command", "passEnv"]

  /// What a source is asked for when its rule does not say.
  var defaultKinds: Set<GroupKind> {
    switch self {
    // Readable by every program of the machine, or made for what is no secret anywhere.
    case .files, .directory, .environment, .http, .parameterStore, .kubernetes, .command:
      Set(GroupKind.allCases)
    case .secretsManager, .vault, .sops, .age: [.secrets]
    }
  }
}

/// Reads rules and notes what does not belong in them.
package struct SourceRuleReader {
  package private(set) var diagnostics: [Diagnostic] = []

  package init() {}

  package mutating func read(_ node: YAMLNode) -> SourceRule? {
    guard let mapping = node.mapping else {
      report("a source of references is a map with a `type`", node)
      return nil
    }
    let types = SourceRule.Form.allCases.map(\.rawValue)
    guard let type = node["type"]?.string, let form = SourceRule.Form(rawValue: type) else {
      let nearest = node["type"]?.string.flatMap { Suggestion.nearest(to: $0, among: types) }
      report(
        "the `type` of a source is one of \(types.joined(separator: ", "))",
        node["type"] ?? node,
        hint: nearest.map { "did you mean `\($0)`?" }
      )
      return nil
    }
    let known = SourceRule.Form.common + form.required + form.optional
    for entry in mapping.entries where !known.contains(entry.key) {
      let nearest = Suggestion.nearest(to: entry.key, among: known).map { "did you mean `\($0)`?" }
      diagnostics.append(
        .error(
          "settings.unknown-key",
          "`\(entry.key)` is no key of a source of the type `\(type)`",
          at: entry.keyLocation,
          hint: nearest ?? "known are \(known.joined(separator: ", "))"
        )
      )
    }
    var rule = SourceRule(
      form: form,
      name: type,
      kinds: form.defaultKinds,
      timeoutSeconds: 10,
      texts: [:],
      lists: [:],
      location: node.location
    )
    for key in form.required + form.optional { take(key, from: node, form, into: &rule) }
    if let kinds = node["kinds"] { rule.kinds = self.kinds(kinds) }
    if let seconds = node["timeoutSeconds"] {
      if let value = seconds.int, (1...600).contains(value) {
        rule.timeoutSeconds = value
      } else {
        report("`timeoutSeconds` is a whole number from 1 to 600", seconds)
      }
    }
    rule.name = name(node, rule)
    return rule
  }

  private mutating func take(
    _ key: String,
    from node: YAMLNode,
    _ form: SourceRule.Form,
    into rule: inout SourceRule
  ) {
    guard let value = node[key] else {
      if form.required.contains(key) {
        report("a source of the type `\(form.rawValue)` needs `\(key)`", node)
      }
      return
    }
    if key == "missingExit" {
      guard let code = value.int, (1...255).contains(code) else {
        report("`missingExit` is an exit code from 1 to 255", value)
        return
      }
      rule.missingExit = code
    } else if SourceRule.Form.lists.contains(key) {
      guard let list = value.list, !list.isEmpty, list.allSatisfy({ $0.scalar != nil }) else {
        report("`\(key)` is a list of texts", value)
        return
      }
      rule.lists[key] = list.compactMap(\.scalar?.text)
    } else if let text = value.scalar?.text, !value.isNull, !text.isEmpty || key == "prefix" {
      if ["url", "address"].contains(key), !["http://", "https://"].contains(where: text.hasPrefix) {
        report("`\(key)` begins with https:// or http://", value)
      }
      rule.texts[key] = text
    } else {
      report("`\(key)` is a text", value)
    }
  }

  private mutating func kinds(_ node: YAMLNode) -> Set<GroupKind> {
    let names: [String: GroupKind] = ["variables": .variables, "secrets": .secrets]
    guard let list = node.list, !list.isEmpty, list.allSatisfy({ $0.string.flatMap { names[$0] } != nil })
    else {
      report("`kinds` is a list of `variables` and `secrets`", node)
      return []
    }
    return Set(list.compactMap { $0.string.flatMap { names[$0] } })
  }

  private mutating func name(_ node: YAMLNode, _ rule: SourceRule) -> String {
    if let given = node["name"] {
      if let text = given.string, !text.isEmpty { return text }
      report("`name` is a text", given)
    }
    let place =
      switch rule.form {
      case .files: rule.lists["files"]?.joined(separator: ", ")
      case .directory: rule.texts["path"]
      case .environment: rule.texts["prefix"].map { "\($0)*" }
      case .http: rule.texts["url"]
      case .secretsManager: rule.texts["secret"]
      case .parameterStore: rule.texts["parameter"]
      case .kubernetes: rule.texts["namespace"]
      case .vault: rule.texts["address"]
      case .sops, .age: rule.texts["file"]
      case .command: rule.lists["command"]?.first
      }
    return place.map { "\(rule.form.rawValue) \($0)" } ?? rule.form.rawValue
  }

  private mutating func report(_ message: String, _ node: YAMLNode, hint: String? = nil) {
    diagnostics.append(.error("settings.value", message, at: node.location, hint: hint))
  }
}

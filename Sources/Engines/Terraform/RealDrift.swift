import StackModel

/// Tells what was really changed behind the state's back from what only looks so.
///
/// The first plan after an apply reports "drift" on nearly every resource: attributes that the
/// platform computes from other resources of the same stack, and empty values where there were none.
/// Nobody changed anything. What counts is a resource that is gone, and an attribute that the program
/// sets and nobody else owns.
struct RealDrift {
  private enum Described {
    /// Names of the attributes that the program sets, by resource address without instance key.
    case attributes([String: Set<String>])
    /// All words of the program; a name that is not among them is set nowhere.
    case words(Set<String>)
  }

  private let described: Described
  /// `<address>.<attribute>` that something else owns by design, such as a count that is autoscaled.
  private let owned: Set<String>

  /// - Parameter configuration: the `configuration` member of a plan document.
  init(configuration: JSONValue?, owned: Set<String>) {
    var configured: [String: Set<String>] = [:]
    Self.collect(configuration?["root_module"], prefix: "", into: &configured)
    described = .attributes(configured)
    self.owned = owned
  }

  /// - Parameter words: all words of the program, where no more is known of it.
  init(words: Set<String>, owned: Set<String>) {
    described = .words(words)
    self.owned = owned
  }

  /// False when the words alone do not tell whether a change is real.
  func canTell(_ change: PlannedChange) -> Bool {
    guard case .words(let words) = described, change.action != .delete else { return true }
    return !change.attributes.contains { counts($0, of: change) && words.contains(Self.name($0)) }
  }

  private static func collect(
    _ module: JSONValue?,
    prefix: String,
    into configured: inout [String: Set<String>]
  ) {
    for resource in module?["resources"]?.array ?? [] {
      guard let address = resource["address"]?.string else { continue }
      configured[prefix + address] = Set(resource["expressions"]?.object?.keys ?? [])
    }
    for (name, call) in module?["module_calls"]?.object ?? [:] {
      collect(call["module"], prefix: "\(prefix)module.\(name).", into: &configured)
    }
  }

  /// The change without what is not real, or nil when nothing is left.
  func filter(_ change: PlannedChange) -> PlannedChange? {
    if change.action == .delete { return change }
    var kept = change
    kept.attributes = change.attributes.filter { counts($0, of: change) && isConfigured($0, of: change) }
    return kept.attributes.isEmpty ? nil : kept
  }

  private func counts(_ attribute: AttributeChange, of change: PlannedChange) -> Bool {
    guard !Self.isEmpty(attribute.before) || !Self.isEmpty(attribute.after) else { return false }
    return !owned.contains("\(Self.withoutKeys(change.address)).\(Self.name(attribute))")
  }

  private func isConfigured(_ attribute: AttributeChange, of change: PlannedChange) -> Bool {
    switch described {
    // A program that is not described is one of which nothing may be left out.
    case .attributes(let names):
      names[Self.withoutKeys(change.address)]?.contains(Self.name(attribute)) ?? true
    case .words(let words): words.contains(Self.name(attribute))
    }
  }

  /// The resource's own attribute or block in which it stands.
  private static func name(_ attribute: AttributeChange) -> String {
    String(attribute.path.prefix { $0 != "." && $0 != "[" })
  }

  /// `module.a["x"].b.c[0]` is an instance of `module.a.b.c`.
  static func withoutKeys(_ address: String) -> String {
    var result = ""
    var isInKey = false
    var isInQuotes = false
    for character in address {
      switch character {
      case "\"" where isInKey: isInQuotes.toggle()
      case "[" where !isInQuotes: isInKey = true
      case "]" where !isInQuotes: isInKey = false
      default: if !isInKey { result.append(character) }
      }
    }
    return result
  }

  private static func isEmpty(_ value: AttributeChange.Value) -> Bool {
    switch value {
    case .absent: true
    case .known(.bool(false)): true
    case .known(let value): value.isEmpty
    case .knownAfterApply, .sensitive: false
    }
  }
}

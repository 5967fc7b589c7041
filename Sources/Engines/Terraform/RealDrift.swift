import StackModel

/// Tells what was really changed behind the state's back from what only looks so.
///
/// The first plan after an apply reports "drift" on nearly every resource: attributes that the
/// platform computes from other resources of the same stack, and empty values where there were none.
/// Nobody changed anything. What counts is a resource that is gone, and an attribute that the program
/// sets and nobody else owns.
struct RealDrift {
  /// Names of the attributes that the program sets, by resource address without instance key.
  private let configured: [String: Set<String>]
  /// `<address>.<attribute>` that something else owns by design, such as a count that is autoscaled.
  private let owned: Set<String>

  /// - Parameter configuration: the `configuration` member of a plan document.
  init(configuration: JSONValue?, owned: Set<String>) {
    var configured: [String: Set<String>] = [:]
    Self.collect(configuration?["root_module"], prefix: "", into: &configured)
    self.configured = configured
    self.owned = owned
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
    let address = Self.withoutKeys(change.address)
    var kept = change
    kept.attributes = change.attributes.filter { attribute in
      guard !Self.isEmpty(attribute.before) || !Self.isEmpty(attribute.after) else { return false }
      let name = String(attribute.path.prefix { $0 != "." && $0 != "[" })
      guard !owned.contains("\(address).\(name)") else { return false }
      // A program that is not described is one of which nothing may be left out.
      return configured[address]?.contains(name) ?? true
    }
    return kept.attributes.isEmpty ? nil : kept
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

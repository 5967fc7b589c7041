import StackModel

/// The JSON of a plan, laid flat so that two of them can be compared place by place.
struct PlanDocument {
  /// `ADDRESS PART.PLACE` and what stands there. Time, made-up ids and reasons are left out.
  private(set) var places: [String: JSONValue] = [:]
  /// What data sources answered, likewise.
  private(set) var answers: [String: JSONValue] = [:]
  private let json: JSONValue

  init(_ json: JSONValue) {
    self.json = json
    for change in json["resource_changes"]?.array ?? [] {
      let address = change["address"]?.string ?? ""
      for part in [
        "actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive", "replace_paths",
      ] {
        Self.lay(change["change"]?[part], "\(address) \(part)", into: &places)
      }
    }
    Self.lay(json["output_changes"], "outputs change", into: &places)
    Self.lay(json["planned_values"]?["outputs"], "outputs planned", into: &places)
    for resource in json["planned_values"]?["root_module"]?["resources"]?.array ?? [] {
      let address = resource["address"]?.string ?? ""
      for part in ["schema_version", "values", "sensitive_values"] {
        Self.lay(resource[part], "\(address) \(part)", into: &places)
      }
    }
    let prior = json["prior_state"]?["values"]?["root_module"]?["resources"]?.array ?? []
    for resource in prior where resource["mode"] == "data" {
      Self.lay(resource["values"], "\(resource["address"]?.string ?? "") values", into: &answers)
    }
  }

  /// The actions by address, no-ops left out.
  var actions: [String: [String]] {
    var actions: [String: [String]] = [:]
    for change in json["resource_changes"]?.array ?? [] {
      let names = change["change"]?["actions"]?.array?.compactMap(\.string) ?? []
      if names != ["no-op"] { actions[change["address"]?.string ?? ""] = names }
    }
    return actions
  }

  /// The places that the plan changes, the reasons of its replacements included.
  var changes: Set<String> {
    var changes: Set<String> = []
    for change in json["resource_changes"]?.array ?? [] where change["change"]?["actions"] != ["no-op"] {
      let address = change["address"]?.string ?? ""
      var before: [String: JSONValue] = [:]
      var after: [String: JSONValue] = [:]
      var unknown: [String: JSONValue] = [:]
      Self.lay(change["change"]?["before"], "\(address) ", into: &before)
      Self.lay(change["change"]?["after"], "\(address) ", into: &after)
      Self.lay(change["change"]?["after_unknown"], "\(address) ", into: &unknown)
      for (place, value) in after where !value.isEmpty && before[place] != value { changes.insert(place) }
      for (place, value) in unknown where value == true { changes.insert("\(place) unknown") }
      Self.lay(change["change"]?["replace_paths"], "\(address) replace_paths", intoTexts: &changes)
    }
    return changes
  }

  /// A text of the other plan for each text of this one.
  func translated(by pairs: [(String, String)]) -> [String: JSONValue] {
    places.mapValues { value in
      guard let text = value.string else { return value }
      return .string(pairs.reduce(text) { $0.replacing($1.0, with: $1.1) })
    }
  }

  private static func lay(_ value: JSONValue?, _ place: String, into places: inout [String: JSONValue]) {
    switch value {
    case .object(let object)? where !object.isEmpty:
      for (key, member) in object { lay(member, "\(place).\(key)", into: &places) }
    case .array(let elements)? where !elements.isEmpty:
      for (index, element) in elements.enumerated() { lay(element, "\(place).\(index)", into: &places) }
    case let value?: places[place] = value
    case nil: break
    }
  }

  private static func lay(_ value: JSONValue?, _ place: String, intoTexts texts: inout Set<String>) {
    var places: [String: JSONValue] = [:]
    lay(value, place, into: &places)
    for (place, value) in places { texts.insert("\(place)=\(value.text())") }
  }
}

/// Differences that are known, from the table of `docs/sandbox.md` under a heading that begins so.
struct KnownDifferences {
  private(set) var patterns: [String] = []
  private var used: Set<String> = []

  init(markdown: String, under heading: String) {
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    let section = lines.drop { !$0.hasPrefix(heading) }.drop { !$0.hasPrefix("|") }.prefix {
      $0.hasPrefix("|")
    }
    patterns = section.compactMap { row in
      // The first cell that is code, which the heading and the line below it are not.
      guard row.hasPrefix("| `") else { return nil }
      return row.dropFirst(3).split(separator: "`").first.map(String.init)
    }
  }

  /// Entries that nothing has met, which therefore have no place in the document.
  var unmet: [String] { patterns.filter { !used.contains($0) } }

  /// Whether a place is in the table; a star stands for any text, and instance keys do not count.
  mutating func knows(_ place: String) -> Bool {
    let bare = place.replacing(/\[[^\]]*\]/, with: "")
    let met = patterns.filter { pattern in Self.matches(bare[...], pattern[...]) }
    used.formUnion(met)
    return !met.isEmpty
  }

  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let star = pattern.firstIndex(of: "*") else { return text == pattern }
    guard text.hasPrefix(pattern[..<star]) else { return false }
    let rest = pattern[pattern.index(after: star)...]
    var tail = text.dropFirst(pattern.distance(from: pattern.startIndex, to: star))
    while true {
      if matches(tail, rest) { return true }
      guard !tail.isEmpty else { return false }
      tail = tail.dropFirst()
    }
  }
}

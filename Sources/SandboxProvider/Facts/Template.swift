import Digests
package import PluginWire
package import StackModel

/// Fills the braces in the texts of a rule.
///
/// - `{metadata.0.name}`: the value in that place of the resource.
/// - `{metadata.0.namespace|default}`: the same, or what follows the bar where it is empty.
/// - `{sibling:port}`: the value beside the place that is filled.
/// - `{map:kind:network=net,application=app}`: the value in a place, or what stands for it.
/// - `{map:config:region:us-gov-*=aws-us-gov,*=aws}`: the same with a setting of the provider. An entry
///   that ends in a star stands for all values that begin so; the first that fits counts.
/// - `{after:cluster/:cluster}`: the part of the value in a place after a text; all of it without that text.
/// - `{grow}`: one more than what was there.
/// - `{next:NAME:START}`: a number that grows with each use in this sandbox.
/// - `{uuid}`, `{hex:12}`: look random, but are the same for the same resource and place.
/// - `{config:region|us-east-1}`: the provider's setting, or what follows the bar.
package struct Template {
  /// The resource as far as it is known.
  package var resource: Value
  package var configuration: Value
  /// The resource before the change; null for a new one.
  package var prior: Value = .null
  /// Stands for the resource and the place; what looks random is derived from it.
  package var seed: String
  /// The place that is filled, for words that mean something near it.
  package var place: [String] = []
  /// Gives the next number of a name.
  package var count: (_ name: String, _ start: Int) -> Int

  package init(
    resource: Value,
    configuration: Value,
    seed: String,
    count: @escaping (_ name: String, _ start: Int) -> Int
  ) {
    self.resource = resource
    self.configuration = configuration
    self.seed = seed
    self.count = count
  }

  /// An object `{"from": "PLACE"}` is the value in that place, whatever it is.
  package func filled(_ json: JSONValue) -> JSONValue {
    switch json {
    case .string(let text): return .string(self.text(text))
    case .array(let elements): return .array(elements.map(filled))
    case .object(let object):
      if object.count == 1, let place = object["from"]?.string { return resource.at(place).json }
      return .object(JSONObject(object.members.map { ($0.key, filled($0.value)) }))
    default: return json
    }
  }

  package func text(_ template: String) -> String {
    var result = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      result += word(String(rest[rest.index(after: open)..<close]))
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  private func word(_ word: String) -> String {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("next", 3): return String(count(parts[1], Int(parts[2]) ?? 1))
    case ("uuid", 1):
      let hex = Array(SHA256.digest(of: Array("uuid \(seed)".utf8)))
      // The version and variant of a random UUID.
      return
        "\(String(hex[..<8]))-\(String(hex[8..<12]))-4\(String(hex[13..<16]))-a\(String(hex[17..<20]))-\(String(hex[20..<32]))"
    case ("hex", 2): return String(SHA256.digest(of: Array("hex \(seed)".utf8)).prefix(Int(parts[1]) ?? 8))
    case ("config", 2): return choice(parts[1], in: configuration)
    case ("sibling", 2): return resource.at(sibling(parts[1])).text
    case ("map", 3): return Self.mapped(resource.at(parts[1]).text, by: parts[2])
    case ("map", 4) where parts[1] == "config":
      return Self.mapped(configuration.at(parts[2]).text, by: parts[3])
    case ("after", 3):
      let value = resource.at(parts[2]).text
      return value.firstRange(of: parts[1]).map { String(value[$0.upperBound...]) } ?? value
    case ("grow", 1): return String((Int(resource.at(place.joined(separator: ".")).text) ?? 0) + 1)
    default: return choice(word, in: resource)
    }
  }

  /// What stands for a value in a table like `network=net,application=app`.
  private static func mapped(_ value: String, by table: String) -> String {
    for entry in table.split(separator: ",") {
      let pair = entry.split(separator: "=", maxSplits: 1)
      guard pair.count == 2 else { continue }
      let fits = pair[0].hasSuffix("*") ? value.hasPrefix(pair[0].dropLast()) : value == pair[0]
      if fits { return String(pair[1]) }
    }
    return value
  }

  private func choice(_ text: String, in value: Value) -> String {
    let parts = text.split(separator: "|", maxSplits: 1).map(String.init)
    let found = value.at(parts[0]).text
    return found.isEmpty ? parts.dropFirst().first ?? "" : found
  }

  private func sibling(_ name: String) -> String { (place.dropLast() + [name]).joined(separator: ".") }

  /// Whether a rule's value refers to a place that has none yet.
  package func waits(_ json: JSONValue) -> Bool {
    switch json {
    case .string(let text):
      text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().contains { part in
        let word = part.prefix { $0 != "}" && $0 != "|" }
        let place = word.hasPrefix("sibling:") ? sibling(String(word.dropFirst(8))) : String(word)
        return resource.at(place) == .unknown
      }
    case .array(let elements): elements.contains(where: waits)
    case .object(let object):
      object["from"]?.string.map { !resource.at($0).isWhollyKnown } ?? false
        || object.members.contains { waits($0.value) }
    default: false
    }
  }
}

extension Value {
  /// A single value as it stands inside a longer text.
  fileprivate var text: String {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    default: ""
    }
  }
}

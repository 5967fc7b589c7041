import StackModel
import YAMLTree

/// How values and lists of values are put into sentences.
enum Words {
  /// "a", "a or b", "a, b or c".
  static func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }

  /// A value as a message shows it: cut short, and not at all when it is secret.
  static func quoted(_ text: String, secret: Bool = false) -> String {
    if secret { return "a secret value" }
    let flat = JSONValue.string(text.count > 60 ? text.prefix(57) + "..." : text).text()
    return flat
  }

  static func value(_ node: YAMLNode, secret: Bool = false) -> String {
    guard let scalar = node.scalar, !node.isNull else { return node.kindName }
    return switch scalar.value {
    case .string(let text): quoted(text, secret: secret)
    default: secret ? "a secret value" : scalar.text
    }
  }

  static func plural(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
  }

  static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

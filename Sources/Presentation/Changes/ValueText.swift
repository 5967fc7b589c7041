import StackModel

/// Values on one line, harmless and no wider than they may be.
enum ValueText {
  static let unknown = "(known after apply)"
  static let sensitive = "(sensitive value)"
  static let absent = "(not set)"

  static func of(_ value: AttributeChange.Value, limit: Int) -> String {
    switch value {
    case .absent: absent
    case .known(let known): inline(known, limit: limit)
    case .knownAfterApply: unknown
    case .sensitive: sensitive
    }
  }

  /// Both sides of a change, cut so that the difference stays to be seen.
  static func pair(
    _ before: AttributeChange.Value,
    _ after: AttributeChange.Value,
    limit: Int
  ) -> (before: String, after: String) {
    guard case .known(.string(let left)) = before, case .known(.string(let right)) = after,
      max(TextWidth.of(quoted(left)), TextWidth.of(quoted(right))) > limit
    else { return (of(before, limit: limit), of(after, limit: limit)) }
    let common = zip(left.unicodeScalars, right.unicodeScalars).prefix { $0 == $1 }.count
    // A little of what both begin with shows where in the text the difference lies.
    let skipped = common > limit / 2 ? common - limit / 4 : 0
    return (clipped(left, skipping: skipped, limit: limit), clipped(right, skipping: skipped, limit: limit))
  }

  static func inline(_ value: JSONValue, limit: Int) -> String {
    if let text = value.string, value.document == nil { return clipped(text, skipping: 0, limit: limit) }
    var writer = InlineJSON(limit: limit)
    writer.write(value.document ?? value)
    return TextWidth.clip(writer.text, to: limit)
  }

  private static func clipped(_ text: String, skipping count: Int, limit: Int) -> String {
    // The text may have megabytes; no more is quoted than can be shown.
    let window = text.unicodeScalars.dropFirst(count).prefix(limit + 1)
    let start = count > 0 ? "…" : ""
    let whole = quoted(String(window))
    let isCut = window.endIndex != text.unicodeScalars.endIndex
    if !isCut, TextWidth.of(whole) + start.count <= limit {
      return start.isEmpty ? whole : "\"…" + whole.dropFirst()
    }
    let inner = "\"" + start + whole.dropFirst().dropLast()
    // Room for the mark and the closing quote.
    let cut = TextWidth.clip(inner + "  ", to: max(3, limit - 1))
    return (cut.last == "…" ? cut : inner + "…") + "\""
  }

  static func quoted(_ text: String) -> String { SafeText.line(JSONValue.string(text).text()) }
}

/// JSON with a space after commas and colons, written until there is more than can be shown.
private struct InlineJSON {
  let limit: Int
  var text = ""
  private var written = 0

  init(limit: Int) { self.limit = limit }

  private var isFull: Bool { written > limit }

  private mutating func put(_ part: String) {
    text += part
    written += part.utf8.count
  }

  mutating func write(_ value: JSONValue) {
    if isFull { return }
    switch value {
    case .string(let string): put(ValueText.quoted(String(string.unicodeScalars.prefix(limit + 1))))
    case .array(let elements):
      put("[")
      for (index, element) in elements.enumerated() where !isFull {
        if index > 0 { put(", ") }
        write(element)
      }
      put("]")
    case .object(let object):
      put("{")
      for (index, member) in object.members.enumerated() where !isFull {
        if index > 0 { put(", ") }
        put(ValueText.quoted(member.key) + ": ")
        write(member.value)
      }
      put("}")
    case .null, .bool, .number: put(value.text())
    }
  }
}

import StackModel

/// Explicit tags: the core schema's own are obeyed, all others are errors.
enum Tag {
  static let prefix = "tag:yaml.org,2002:"

  struct Problem: Error {
    var tag: String
    /// Nil when the tag is not known at all.
    var reason: String?

    func diagnostic(at place: SourceLocation) -> Diagnostic {
      .error(
        "yaml.tag",
        "the tag \(Tag.name(tag)) \(reason ?? "is not known")",
        at: place,
        hint: reason == nil ? "put text that begins with ! in quotes" : nil
      )
    }
  }

  static func isStandard(_ tag: String) -> Bool {
    ["str", "int", "float", "bool", "null", "map", "seq"].contains { tag == prefix + $0 }
  }

  static func name(_ tag: String) -> String {
    tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }

  static func apply(_ tag: String, to scalar: Scalar) -> Result<Scalar, Problem> {
    if tag == "!" || tag == prefix + "str" { return .success(Scalar(string: scalar.text)) }
    guard isStandard(tag) else { return .failure(Problem(tag: tag)) }
    let plain = Scalar(plain: scalar.text)
    switch (name(tag), plain.value) {
    case ("!!int", .int), ("!!float", .float), ("!!bool", .bool), ("!!null", .null): return .success(plain)
    case ("!!float", .int(let value)):
      return .success(Scalar(text: scalar.text, isPlain: true, value: .float(Double(value))))
    default: return .failure(Problem(tag: tag, reason: "does not fit the value"))
    }
  }
}

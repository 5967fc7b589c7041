import StackModel

/// What can be wrong with a map.
enum MappingProblem {
  static func duplicate(_ key: String, at place: SourceLocation, first: SourceLocation) -> Diagnostic {
    .error(
      "yaml.duplicate-key",
      "`\(key)` is already set at line \(first.line), column \(first.column)",
      at: place,
      hint: "keep one of the two"
    )
  }

  static func badKey(_ key: YAMLNode) -> Diagnostic? {
    guard let scalar = key.scalar else {
      return .error(
        "yaml.key",
        "\(key.kindName) stands where a field's name should be",
        at: key.location,
        hint: "put text that begins with { or [ in quotes"
      )
    }
    switch scalar.value {
    case .string: return nil
    case .null where scalar.text.isEmpty:
      return .error("yaml.key", "a field's name is missing before `:`", at: key.location)
    default:
      return .error(
        "yaml.key",
        "the name `\(scalar.text)` is read as \(scalar.value.kindName), and names are text",
        at: key.location,
        hint: "write it in quotes: \"\(scalar.text)\""
      )
    }
  }

  static func secondMerge(_ place: SourceLocation) -> Diagnostic {
    .error(
      "yaml.duplicate-key",
      "a map has more than one `<<`",
      at: place,
      hint: "merge several maps with a list: <<: [*first, *second]"
    )
  }

  static func badMerge(_ node: YAMLNode) -> Diagnostic {
    .error(
      "yaml.merge",
      "`<<` takes a map or a list of maps, this is \(node.kindName)",
      at: node.location,
      hint: "refer to a map that has an anchor: <<: *name"
    )
  }
}

/// What can be wrong with an alias.
enum AliasProblem {
  static func cycle(_ name: String, at place: SourceLocation) -> Diagnostic {
    .error("yaml.alias-cycle", "*\(name) stands inside the value that &\(name) names", at: place)
  }

  static func unknown(
    _ name: String,
    at place: SourceLocation,
    known: some Sequence<String>
  ) -> Diagnostic {
    let nearest = Suggestion.nearest(to: name, among: known)
    return .error(
      "yaml.unknown-alias",
      "no anchor &\(name) stands before this alias in the document",
      at: place,
      hint: nearest.map { "did you mean *\($0)?" } ?? "text that begins with * must be in quotes"
    )
  }

  static func tooMany(_ name: String, at place: SourceLocation, limit: Int) -> Diagnostic {
    .error(
      "yaml.alias-limit",
      "with *\(name) the aliases of this file stand for more than \(limit) values",
      at: place,
      hint: "aliases of aliases multiply; write the values out"
    )
  }
}

/// The profiles of a shared credentials file and a configuration file.
package struct AWSProfiles: Sendable, Hashable {
  private var profiles: [String: [String: String]] = [:]

  package init() {}

  /// - Parameters:
  ///   - credentials: the text of the credentials file, whose sections are named like the profiles.
  ///   - config: the text of the configuration file, whose sections are `default` and `profile <name>`.
  package init(credentials: String?, config: String?) {
    for (section, values) in Self.sections(config ?? "") {
      let name = section.hasPrefix("profile ") ? section.dropFirst(8).trimmed : section
      guard section.hasPrefix("profile ") || name == "default" else { continue }
      profiles[name, default: [:]].merge(values) { $1 }
    }
    // What stands in both counts as the credentials file has it.
    for (section, values) in Self.sections(credentials ?? "") {
      profiles[section, default: [:]].merge(values) { $1 }
    }
  }

  package subscript(name: String) -> [String: String]? { profiles[name] }

  package var names: [String] { profiles.keys.sorted() }

  private static func sections(_ text: String) -> [(name: String, values: [String: String])] {
    var sections: [(name: String, values: [String: String])] = []
    for line in text.split(whereSeparator: \.isNewline) {
      // An indented line belongs to a setting with parts of its own, such as `s3 =`, of which none is needed.
      guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
      let content = Substring(withoutComment(line))
      if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
        sections.append((content[content.index(after: content.startIndex)..<end].trimmed, [:]))
      } else if let equals = content.firstIndex(of: "="), !sections.isEmpty {
        let key = content[..<equals].trimmed.lowercased()
        sections[sections.count - 1].values[key] = content[content.index(after: equals)...].trimmed
      }
    }
    return sections
  }

  /// A comment behind a value begins with white space, so that a `#` in a key stays.
  private static func withoutComment(_ line: Substring) -> Substring {
    for mark in [" #", " ;", "\t#", "\t;"] {
      if let found = line.firstRange(of: mark) { return line[..<found.lowerBound] }
    }
    return line
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var rest = self.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

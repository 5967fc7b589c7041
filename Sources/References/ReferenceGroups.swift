package import StackModel
package import YAMLTree

/// The groups of variables and secrets that references are looked up in.
package struct ReferenceGroups: Sendable {
  struct Group: Sendable {
    var kind: GroupKind
    var name: String
    var location: SourceLocation
    /// In the order they are written.
    var entries: [Entry]

    func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }
  }

  struct Entry: Sendable {
    var name: String
    /// Nil when the group takes the value from elsewhere, which is not followed.
    var value: ReferenceValue?
    var location: SourceLocation
  }

  private(set) var groups: [Group] = []

  package init() {}

  /// Reads the documents of all files; what is wrong with any of them is told together.
  package static func read(_ files: [String]) -> (groups: ReferenceGroups, diagnostics: [Diagnostic]) {
    var result = ReferenceGroups()
    var diagnostics: [Diagnostic] = []
    for file in files {
      let (documents, problems) = YAMLReader.readFile(file)
      diagnostics += problems
      for document in documents { diagnostics += result.add(document) }
    }
    return (result, diagnostics)
  }

  /// Adds a group's document; returns what is wrong with it.
  package mutating func add(_ document: YAMLNode) -> [Diagnostic] {
    var reader = GroupReader()
    guard let group = reader.read(document) else { return reader.diagnostics }
    if let first = groups.first(where: { $0.kind == group.kind && $0.name == group.name }) {
      return reader.diagnostics + [
        .error(
          "reference.duplicate-group",
          "there are two documents of the \(group.kind.words) `\(group.name)`",
          at: group.location,
          path: "metadata.name",
          hint: "the other one is at \(first.location)"
        )
      ]
    }
    groups.append(group)
    return reader.diagnostics
  }
}

/// Why nothing stands behind a reference.
package struct ReferenceFailure: Error, Sendable, Hashable {
  package var code: String
  package var message: String
  package var hint: String?

  package init(code: String, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  package func diagnostic(at use: ReferenceUse) -> Diagnostic {
    .error(code, message, at: use.location, path: use.path.description, hint: hint)
  }
}

extension ReferenceGroups {
  package func lookup(_ reference: GroupReference) -> Result<ReferenceValue, ReferenceFailure> {
    guard let group = groups.first(where: { $0.kind == reference.kind && $0.name == reference.group }) else {
      return .failure(unknownGroup(reference))
    }
    guard let entry = group.entry(reference.entry) else {
      return .failure(unknownEntry(reference, in: group))
    }
    guard let value = entry.value else {
      return .failure(
        ReferenceFailure(
          code: "reference.value",
          message:
            "the entry `\(entry.name)` of the \(group.kind.words) `\(group.name)` has no value of its own",
          hint:
            "it is to come from another resource, which is not looked up; write `value` at \(entry.location)"
        )
      )
    }
    return .success(value)
  }

  /// The groups of a kind, and the entries of one: what somebody may have meant.
  package func names(like reference: GroupReference) -> [String] {
    groups.filter { $0.kind == reference.kind }
      .flatMap { group in group.entries.map { "\(group.name)/\($0.name)" } }
  }

  private func unknownGroup(_ reference: GroupReference) -> ReferenceFailure {
    let kind = reference.kind
    let names = groups.filter { $0.kind == kind }.map(\.name)
    let others = groups.filter { $0.kind == kind.other }.map(\.name)
    let hint: String
    if others.contains(reference.group) {
      hint = "the given files hold a \(kind.other.words) of this name, and no \(kind.words)"
    } else if let nearest = Suggestion.nearest(to: reference.group, among: names) {
      hint = "did you mean `\(nearest)`?"
    } else if names.isEmpty {
      hint = "the given files hold no \(kind.words)"
    } else {
      hint = "there are \(names.sorted().map { "`\($0)`" }.joined(separator: ", "))"
    }
    return ReferenceFailure(
      code: "reference.group",
      message: "there is no \(kind.words) `\(reference.group)` to take `\(reference.entry)` from",
      hint: hint
    )
  }

  private func unknownEntry(_ reference: GroupReference, in group: Group) -> ReferenceFailure {
    let names = group.entries.map(\.name)
    var hint = "it is at \(group.location)"
    if let nearest = Suggestion.nearest(to: reference.entry, among: names) {
      hint = "did you mean `\(nearest)`?"
    } else if names.isEmpty {
      hint = "it has no entries"
    } else if names.count <= 12 {
      hint = "it has \(names.map { "`\($0)`" }.joined(separator: ", "))"
    }
    return ReferenceFailure(
      code: "reference.entry",
      message: "the \(group.kind.words) `\(group.name)` has no entry `\(reference.entry)`",
      hint: hint
    )
  }
}

import StackModel

/// One line of the details of a change: an attribute, or a place inside one.
struct AttributeRow: Equatable {
  enum Kind: Equatable {
    case added, removed, changed
    /// There is no other side: the resource is new, or goes away.
    case whole
    /// What follows, one level deeper, is inside this attribute.
    case heading(note: String)
  }

  var depth: Int
  var label: String
  var kind: Kind
  var before: AttributeChange.Value
  var after: AttributeChange.Value
  var forcesReplacement = false
}

/// The details of one change, ready to be laid out.
struct AttributeRows {
  private(set) var rows: [AttributeRow] = []
  /// Attributes of a new resource whose values the platform gives.
  private(set) var unknown: [String] = []

  /// Structured values that are wider than this are taken apart.
  private static let inlineLimit = 60

  /// - Parameter isFull: also what says nothing (empty values), and documents of a new resource by
  ///   their parts.
  init(_ change: PlannedChange, isFull: Bool = false) {
    for attribute in change.attributes {
      if isGathered(attribute, in: change) {
        unknown.append(SafeText.line(attribute.path))
      } else if isFull || !isBlank(attribute, in: change) {
        append(attribute, isOneSided: change.action == .create || change.action == .delete, isFull)
      }
    }
  }

  private func isGathered(_ attribute: AttributeChange, in change: PlannedChange) -> Bool {
    guard attribute.after == .knownAfterApply, !attribute.forcesReplacement else { return false }
    switch change.action {
    case .create, .replace, .read: return true
    default: return false
    }
  }

  private func isBlank(_ attribute: AttributeChange, in change: PlannedChange) -> Bool {
    guard change.action == .create, case .known(let value) = attribute.after else { return false }
    return value.isBlank
  }

  private mutating func append(_ attribute: AttributeChange, isOneSided: Bool, _ isFull: Bool) {
    let row = AttributeRow(
      depth: 0,
      label: SafeText.line(attribute.path),
      kind: isOneSided ? .whole : .changed,
      before: attribute.before,
      after: attribute.after,
      forcesReplacement: attribute.forcesReplacement
    )
    let (before, after) = (attribute.before.known, attribute.after.known)
    let (left, right) = (before?.document, after?.document)
    if left != nil && right != nil
      || isFull && (left != nil && attribute.after == .absent || right != nil && attribute.before == .absent)
    {
      appendParts(of: row, note: "JSON", left, right)
    } else if let before, let after, before.isStructure, after.isStructure,
      ValueText.inline(before, limit: Self.inlineLimit + 1).count
        + ValueText.inline(after, limit: Self.inlineLimit + 1).count > Self.inlineLimit
    {
      appendParts(of: row, note: "", before, after)
    } else {
      rows.append(row)
    }
  }

  private mutating func appendParts(
    of row: AttributeRow,
    note: String,
    _ before: JSONValue?,
    _ after: JSONValue?
  ) {
    let entries = JSONDiff.entries(before: before, after: after)
    var heading = row
    heading.kind = .heading(note: entries.isEmpty ? "\(note), written differently" : note)
    rows.append(heading)
    for entry in entries {
      let values = (AttributeChange.Value(entry.before), AttributeChange.Value(entry.after))
      rows.append(
        AttributeRow(
          depth: 1,
          label: SafeText.line(entry.path),
          kind: Self.kind(values.0, values.1),
          before: values.0,
          after: values.1
        )
      )
    }
  }

  private static func kind(_ before: AttributeChange.Value, _ after: AttributeChange.Value)
    -> AttributeRow.Kind
  {
    switch (before, after) {
    case (.absent, _): .added
    case (_, .absent): .removed
    default: .changed
    }
  }
}

extension AttributeChange.Value {
  init(_ value: JSONValue?) { self = value.map(Self.known) ?? .absent }

  var known: JSONValue? { if case .known(let value) = self { value } else { nil } }
}

extension JSONValue {
  var isStructure: Bool { object != nil || array != nil }
}

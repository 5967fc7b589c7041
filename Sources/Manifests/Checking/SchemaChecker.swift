package import StackModel
package import YAMLTree

/// Holds a document against a schema.
package enum SchemaChecker {
  /// All problems at once, and the document with defaults filled in, snake_case names of known fields in
  /// camelCase, and numbers and booleans turned to text where text is wanted.
  package static func check(
    _ node: YAMLNode,
    against schema: JSONSchema
  ) -> (node: YAMLNode, diagnostics: [Diagnostic]) {
    var check = Check(schema: schema)
    var node = node
    check.check(&node, JSONSchema.rootID, owner: node.location)
    if check.isFull(.error) || check.isFull(.warning) {
      check.diagnostics.append(
        Diagnostic(
          .info,
          code: "manifest.more-problems",
          "there may be more problems; \(Check.limit) of a kind are shown",
          at: node.location
        )
      )
    }
    return (node, check.diagnostics)
  }
}

/// One walk down a document and its schema together.
struct Check {
  let schema: JSONSchema
  var path = FieldPath.root
  var diagnostics: [Diagnostic] = []
  /// Within a field whose value no message may show.
  var isSecret = false
  /// Below a value that came from the schema, where text forms are the schema's own business.
  var isDefault = false
  /// How many errors, and how many warnings, one document may report: more would only scroll away.
  static let limit = 200
  private var counts: [Diagnostic.Severity: Int] = [:]
  /// Bounds `default: {}` in a schema that contains itself.
  private static let depthLimit = 128

  init(schema: JSONSchema) { self.schema = schema }

  /// `owner` is where to point when something is missing in the node: its key, or itself.
  mutating func check(_ node: inout YAMLNode, _ id: JSONSchema.ID, owner: SourceLocation) {
    guard path.steps.count < Self.depthLimit else { return }
    let rules = schema[id]
    let wasSecret = isSecret
    isSecret = wasSecret || rules.isSecret
    defer { isSecret = wasSecret }

    if rules.isNever {
      report("manifest.forbidden", "nothing may stand here", at: node.location)
      return
    }
    if let ref = rules.ref { check(&node, ref, owner: owner) }
    if !rules.anyOf.isEmpty { checkAlternatives(&node, rules.anyOf, exactlyOne: false, owner: owner) }
    if !rules.oneOf.isEmpty { checkAlternatives(&node, rules.oneOf, exactlyOne: true, owner: owner) }
    guard checkType(&node, rules) else { return }
    if let allowed = rules.allowed { checkAllowed(node, allowed) }
    switch node.content {
    case .scalar(let scalar): checkScalar(scalar, rules, at: node.location)
    case .sequence(var elements):
      checkList(&elements, rules, at: node.location)
      node.content = .sequence(elements)
    case .mapping(var mapping):
      checkMap(&mapping, rules, owner: owner)
      node.content = .mapping(mapping)
    }
  }

  mutating func report(
    _ code: String,
    _ message: String,
    at place: SourceLocation,
    severity: Diagnostic.Severity = .error,
    path: FieldPath? = nil,
    hint: String? = nil
  ) {
    let path = path ?? self.path
    adopt(
      Diagnostic(
        severity,
        code: code,
        message,
        at: place,
        path: path.isRoot ? nil : path.description,
        hint: hint
      )
    )
  }

  /// Takes a problem in, unless there are enough of its severity. Errors and warnings are counted apart,
  /// lest a flood of warnings hide the error that matters.
  mutating func adopt(_ diagnostic: Diagnostic) {
    guard !isFull(diagnostic.severity) else { return }
    counts[diagnostic.severity, default: 0] += 1
    diagnostics.append(diagnostic)
  }

  /// A check of the same value that reports to nobody yet.
  func trial() -> Check {
    var check = self
    check.diagnostics = []
    check.counts = [:]
    return check
  }

  func isFull(_ severity: Diagnostic.Severity) -> Bool { counts[severity, default: 0] >= Self.limit }

  mutating func descend(
    _ step: FieldPath.Step,
    _ node: inout YAMLNode,
    _ id: JSONSchema.ID,
    owner: SourceLocation
  ) {
    path.steps.append(step)
    check(&node, id, owner: owner)
    path.steps.removeLast()
  }

  private mutating func checkList(
    _ elements: inout [YAMLNode],
    _ rules: JSONSchema.Node,
    at place: SourceLocation
  ) {
    checkCount(elements.count, rules.minItems, rules.maxItems, "element", at: place)
    if let items = rules.items {
      for index in elements.indices {
        descend(.index(index), &elements[index], items, owner: elements[index].location)
      }
    }
    guard rules.uniqueItems else { return }
    var seen: [JSONValue: Int] = [:]
    for (index, element) in elements.enumerated() {
      if let first = seen[element.json] {
        report(
          "manifest.duplicate-item",
          "the same value is already element [\(first)]",
          at: element.location,
          path: path.appending(index: index),
          hint: "keep one of the two"
        )
      } else {
        seen[element.json] = index
      }
    }
  }

  mutating func checkCount(
    _ count: Int,
    _ minimum: Int?,
    _ maximum: Int?,
    _ noun: String,
    at place: SourceLocation
  ) {
    let range: String
    switch (minimum, maximum) {
    case (let low?, let high?) where count < low || count > high:
      range = low == high ? Words.plural(low, noun) : "from \(low) to \(Words.plural(high, noun))"
    case (let low?, _) where count < low: range = "at least \(Words.plural(low, noun))"
    case (_, let high?) where count > high: range = "at most \(Words.plural(high, noun))"
    default: return
    }
    report(
      "manifest.length",
      "expected \(range), found \(count == 0 ? "none" : "\(count)")",
      at: place
    )
  }
}

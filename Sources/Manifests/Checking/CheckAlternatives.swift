import StackModel
import YAMLTree

/// `anyOf` and `oneOf`: the branch that fits is taken; when none does, the one that was meant is reported.
extension Check {
  private struct Trial {
    var id: JSONSchema.ID
    var node: YAMLNode
    var diagnostics: [Diagnostic]

    var fits: Bool { !diagnostics.hasErrors }
  }

  mutating func checkAlternatives(
    _ node: inout YAMLNode,
    _ branches: [JSONSchema.ID],
    exactlyOne: Bool,
    owner: SourceLocation
  ) {
    let candidates = candidates(for: node, among: branches)
    guard !candidates.isEmpty else {
      let types = branches.reduce(into: TypeSet()) { $0.formUnion(schema.effectiveTypes($1)) }
      report(
        "manifest.type",
        "expected \(types.words), found \(Words.value(node, secret: isSecret))",
        at: node.location,
        hint: ScalarAdvice.hint(for: node, wanted: types, secret: isSecret)
      )
      return
    }
    let trials = candidates.map { id in
      var check = self
      check.diagnostics = []
      var copy = node
      check.check(&copy, id, owner: owner)
      return Trial(id: id, node: copy, diagnostics: check.diagnostics)
    }
    let fitting = trials.filter(\.fits)
    if exactlyOne, fitting.count > 1 {
      reportSeveral(fitting, at: owner)
    } else if let chosen = fitting.first {
      node = chosen.node
      diagnostics += chosen.diagnostics
    } else if !reportMissingChoice(trials, at: owner), let best = trials.min(by: { rank($0) < rank($1) }) {
      node = best.node
      diagnostics += best.diagnostics
    }
  }

  /// The branches that allow the value's type, or would take its text.
  private func candidates(for node: YAMLNode, among branches: [JSONSchema.ID]) -> [JSONSchema.ID] {
    if branches.count == 1 { return branches }
    let type = TypeSet(of: node)
    let exact = branches.filter { id in
      let types = schema.effectiveTypes(id)
      return types.isEmpty || !types.isDisjoint(with: type)
    }
    if !exact.isEmpty || node.scalar == nil || node.isNull { return exact }
    return branches.filter { schema.effectiveTypes($0).contains(.string) }
  }

  /// Wrong discriminators first (`type: x` of another branch), then the number of errors.
  private func rank(_ trial: Trial) -> (Int, Int) {
    let depth = path.steps.count
    let strangers = trial.diagnostics.count { diagnostic in
      diagnostic.code == "manifest.enum"
        && (try? FieldPath(parsing: diagnostic.path ?? ""))?.steps.count == depth + 1
    }
    return (strangers, trial.diagnostics.count { $0.severity == .error })
  }

  private mutating func reportSeveral(_ trials: [Trial], at owner: SourceLocation) {
    let names = trials.flatMap { schema.resolved($0.id).required }
    let message =
      names.isEmpty
      ? "the value has more than one of the forms that are allowed here, and may have one"
      : "give only one of \(Words.alternatives(names.map { "`\($0)`" })) in \(path.name)"
    report("manifest.ambiguous", message, at: owner)
  }

  /// When branches differ just in what they require, says so in one sentence.
  private mutating func reportMissingChoice(_ trials: [Trial], at owner: SourceLocation) -> Bool {
    let isOnlyMissing = trials.allSatisfy { trial in
      trial.diagnostics.allSatisfy { $0.code == "manifest.missing" && $0.location == owner }
    }
    guard isOnlyMissing, trials.count > 1 else { return false }
    let choices = trials.map { trial in
      schema.resolved(trial.id).required.map { "`\($0)`" }.joined(separator: " with ")
    }
    report("manifest.missing", "\(Words.alternatives(choices)) is required in \(path.name)", at: owner)
    return true
  }
}

extension TypeSet {
  /// The types that a value has as it stands.
  init(of node: YAMLNode) {
    self =
      switch node.content {
      case .sequence: .array
      case .mapping: .object
      case .scalar(let scalar):
        switch scalar.value {
        case .null: .null
        case .bool: .boolean
        case .int: [.integer, .number]
        case .float(let value): Int(exactly: value) == nil ? .number : [.integer, .number]
        case .string: .string
        }
      }
  }
}

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
      var check = trial()
      var copy = node
      check.check(&copy, id, owner: owner)
      return Trial(id: id, node: copy, diagnostics: check.diagnostics)
    }
    let fitting = trials.filter(\.fits)
    if exactlyOne, fitting.count > 1 {
      reportSeveral(fitting, at: owner)
    } else if let chosen = fitting.first {
      node = chosen.node
      chosen.diagnostics.forEach { adopt($0) }
    } else if reportMissingChoice(trials, at: owner) || reportDiscriminator(node, trials) {
      return
    } else if let best = trials.min(by: { rank($0) < rank($1) }) {
      node = best.node
      best.diagnostics.forEach { adopt($0) }
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
    (discriminators(trial).count, trial.diagnostics.count { $0.severity == .error })
  }

  /// Fields of this very map whose value is one of another branch.
  private func discriminators(_ trial: Trial) -> [String] {
    trial.diagnostics.compactMap { diagnostic in
      guard diagnostic.code == "manifest.enum", let text = diagnostic.path,
        case .key(let name)? = (try? FieldPath(parsing: text))?.steps.last,
        path.appending(key: name).description == text
      else { return nil }
      return name
    }
  }

  /// When no branch has the value of `type`, or whatever tells them apart, names all that there are.
  private mutating func reportDiscriminator(_ node: YAMLNode, _ trials: [Trial]) -> Bool {
    let names = trials.map { Set(discriminators($0)) }
    let shared = names.dropFirst().reduce(names.first ?? []) { $0.intersection($1) }
    guard trials.count > 1, let name = shared.min(), let value = node[name] else { return false }
    let allowed = trials.flatMap { trial in
      schema.child(of: trial.id, .key(name)).flatMap { schema.resolved($0.id).allowed } ?? []
    }
    path.steps.append(.key(name))
    checkAllowed(value, allowed)
    path.steps.removeLast()
    return true
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

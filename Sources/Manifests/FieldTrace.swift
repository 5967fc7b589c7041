package import StackModel
import YAMLTree

extension Manifest {
  /// Says which field of the manifest an engine's message is about, and where it stands.
  ///
  /// What the failing expression refers to is looked up first, then the resource. A field that the manifest
  /// does not have gives way to the nearest block around it. A message that says nothing of either, or has
  /// a field already, is returned as it is.
  package func trace(_ diagnostic: EngineDiagnostic) -> EngineDiagnostic {
    guard diagnostic.field == nil, let field = kind.fieldMap.field(of: diagnostic),
      let path = try? FieldPath(parsing: field), let (nearest, place) = nearest(to: path)
    else { return diagnostic }
    var diagnostic = diagnostic
    diagnostic.field = nearest.description
    diagnostic.location = place
    return diagnostic
  }

  /// The longest part of a path that exists, and where it stands: a value where it is written, a block
  /// where its name is.
  private func nearest(to path: FieldPath) -> (path: FieldPath, place: SourceLocation)? {
    var node = tree
    var found = FieldPath.root
    var place: SourceLocation?
    for step in path.steps {
      let next: YAMLNode?
      var namePlace: SourceLocation?
      switch step {
      case .key(let key):
        let entry = node.mapping?.entry(key)
        next = entry?.value
        namePlace = entry?.keyLocation
      case .index(let index): next = node[index]
      }
      guard let next, !next.isNull else { break }
      node = next
      found = found.appending(step)
      place = next.scalar == nil ? namePlace ?? next.location : next.location
    }
    return place.map { (found, $0) }
  }
}

extension KindDefinition.FieldMap {
  /// The manifest field that a message is about, as the kind's map has it.
  func field(of diagnostic: EngineDiagnostic) -> String? {
    let byVariable = diagnostic.references.compactMap(match(variable:))
    // Among several variables in one expression the one that is told most exactly says most.
    if let best = byVariable.max(by: { $0.depth < $1.depth }) { return best.field }
    return diagnostic.address.flatMap(match(address:))
  }

  /// `var.alb.rule["x"].priority` is looked up as `alb.rule.priority`, `alb.rule`, `alb`.
  private func match(variable reference: String) -> (field: String, depth: Int)? {
    let steps = Self.steps(reference)
    guard steps.first == "var" else { return nil }
    var rest = steps.dropFirst()
    while !rest.isEmpty {
      if let field = variables[rest.joined(separator: ".")] { return (field, rest.count) }
      rest = rest.dropLast()
    }
    return nil
  }

  /// `aws_lb_listener_rule.this[0]` is looked up as `aws_lb_listener_rule.this`, `aws_lb_listener_rule`.
  private func match(address: String) -> String? {
    var steps = Self.steps(address)[...]
    while steps.count > 2, steps.first == "module" { steps = steps.dropFirst(2) }
    while !steps.isEmpty {
      if let field = resources[steps.joined(separator: ".")] { return field }
      steps = steps.dropLast()
    }
    return nil
  }

  /// The names in a reference or address; what stands in brackets, dots included, is left out.
  private static func steps(_ text: String) -> [String] {
    var names: [String] = [""]
    var depth = 0
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted, character == "[" { depth += 1 }
      if depth == 0 {
        if character == "." { names.append("") } else { names[names.count - 1].append(character) }
      }
      if !isQuoted, character == "]" { depth -= 1 }
    }
    return names
  }
}

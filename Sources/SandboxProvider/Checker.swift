package import PluginWire
package import TerraformPlugin

/// The checks of a configuration that are recorded and that Terraform does not make itself.
package struct Checker {
  private var diagnostics: [ProviderDiagnostic] = []
  private let root: Value

  /// - Parameter configuration: of one resource; what is unknown passes.
  package static func check(_ block: RecordedBlock, _ configuration: Value) -> [ProviderDiagnostic] {
    var checker = Checker(root: configuration)
    checker.check(block, configuration, AttributePath(), isTop: true)
    return checker.diagnostics
  }

  private init(root: Value) { self.root = root }

  private mutating func check(_ block: RecordedBlock, _ value: Value, _ path: AttributePath, isTop: Bool) {
    for attribute in block.attributes {
      let given = value[attribute.name]
      guard !given.isNull, given != .unknown else { continue }
      let here = path.appending(.attribute(attribute.name))
      check(attribute, given, here)
      // Paths into blocks are declared without an index and never match in the real provider either.
      guard isTop else { continue }
      for other in attribute.conflictsWith where !other.contains(".") && !root[other].isNull {
        diagnostics.append(
          .error(
            "Conflicting configuration arguments",
            detail: "\"\(attribute.name)\": conflicts with \(other)",
            path: here
          )
        )
      }
      for other in attribute.requiredWith where !other.contains(".") && root[other].isNull {
        diagnostics.append(
          .error(
            "Missing required argument",
            detail: "\"\(attribute.name)\": all of `\(attribute.name),\(other)` must be specified",
            path: here
          )
        )
      }
    }
    for nested in block.blocks {
      let here = path.appending(.attribute(nested.name))
      switch value[nested.name] {
      case .list(let elements):
        for (index, element) in elements.enumerated() {
          let place = nested.nesting == .list ? here.appending(.index(index)) : here
          check(nested.block, element, place, isTop: false)
        }
      case .object where nested.nesting == .single:
        check(nested.block, value[nested.name], here, isTop: false)
      default: break
      }
    }
  }

  private mutating func check(_ attribute: RecordedAttribute, _ value: Value, _ path: AttributePath) {
    if let choices = attribute.oneOf, let text = value.string, !choices.contains(text) {
      let list = choices.map { "\"\($0)\"" }.joined(separator: " ")
      diagnostics.append(
        .error("expected \(attribute.name) to be one of [\(list)], got \(text)", path: path)
      )
    }
    if let range = attribute.range, let number = value.double {
      if let low = range.low, number < low { refuse(attribute, "at least", low, value, path) }
      if let high = range.high, number > high { refuse(attribute, "at most", high, value, path) }
    }
    if attribute.isCheckedQuantity {
      for (key, text) in (value.members ?? ["": value]).compactMapValues(\.string)
      where Quantity.amount(text) == nil {
        diagnostics.append(
          .error("\(attribute.name)\(key.isEmpty ? "" : ".\(key)") ('\(text)'): not a quantity", path: path)
        )
      }
    }
  }

  private mutating func refuse(
    _ attribute: RecordedAttribute,
    _ relation: String,
    _ limit: Double,
    _ value: Value,
    _ path: AttributePath
  ) {
    guard case .number(let limit) = Value.number(canonical: "\(limit)"), case .number(let given) = value
    else { return }
    diagnostics.append(
      .error("expected \(attribute.name) to be \(relation) (\(limit)), got \(given)", path: path)
    )
  }
}

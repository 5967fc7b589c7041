package import PluginWire
package import TerraformPlugin

/// Plans one resource as the older SDK, on which the recorded providers are built, plans it.
///
/// Values in, value and paths out; nothing is looked up and nothing changed.
package struct Planner {
  private let type: RecordedType
  /// Whether the resource exists, so that a change may replace it.
  private let exists: Bool
  private let wasImmutable: Bool
  private let configuration: Value
  private var replaces: [AttributePath] = []
  /// Names of write-only attributes whose revision is set: their plain twins are not planned.
  private var revised: Set<String> = []

  package static func plan(
    _ type: RecordedType,
    _ question: PlanQuestion
  ) -> (planned: Value, replaces: [AttributePath]) {
    var planner = Planner(type, question)
    let planned = planner.object(
      type.block,
      Place(prior: question.prior, proposed: question.proposed, configuration: question.configuration),
      path: AttributePath()
    )
    return (planned, planner.replaces)
  }

  private init(_ type: RecordedType, _ question: PlanQuestion) {
    self.type = type
    exists = !question.prior.isNull
    configuration = question.configuration
    wasImmutable = question.prior["immutable"] == .bool(true)
    for attribute in type.block.attributes where attribute.suppression == .writeOnlyRevision {
      let revision = question.configuration["\(attribute.name)_wo_revision"]
      if revision.double ?? 0 > 0 { revised.insert(attribute.name) }
    }
  }

  /// What stands in one place of prior state, proposal and configuration.
  private struct Place {
    var prior: Value
    var proposed: Value
    var configuration: Value

    subscript(_ name: String) -> Place {
      Place(prior: prior[name], proposed: proposed[name], configuration: configuration[name])
    }
  }

  private mutating func object(_ block: RecordedBlock, _ place: Place, path: AttributePath) -> Value {
    var members: [String: Value] = [:]
    for attribute in block.attributes {
      let here = path.appending(.attribute(attribute.name))
      var planned = value(of: attribute, place[attribute.name], isNew: place.prior.isNull)
      // Inside a block the older SDK does not tell an empty collection from none.
      if !path.steps.isEmpty, planned.elements == [], place.prior[attribute.name].elements ?? [] == [] {
        planned = place.prior[attribute.name]
      }
      members[attribute.name] = planned
      if exists, forcesNew(attribute, at: path),
        differs(planned, place.prior[attribute.name], attribute.schema.type)
      {
        replaces.append(here)
      }
    }
    for nested in block.blocks {
      members[nested.name] = blocks(nested, place[nested.name], path: path.appending(.attribute(nested.name)))
    }
    return .object(members)
  }

  private func forcesNew(_ attribute: RecordedAttribute, at path: AttributePath) -> Bool {
    if attribute.forcesNew { return true }
    return path.steps.isEmpty && wasImmutable && type.forcesNewWhenImmutable.contains(attribute.name)
  }

  /// To the older SDK nothing and the zero of a type are the same.
  private func differs(_ planned: Value, _ prior: Value, _ type: ValueType) -> Bool {
    if planned.equals(prior, as: type) { return false }
    return !(planned.isNull && prior == type.zero || prior.isNull && planned == type.zero)
  }

  private func value(of attribute: RecordedAttribute, _ place: Place, isNew: Bool) -> Value {
    if attribute.schema.isWriteOnly { return .null }
    if let relevance = attribute.relevance, !isMet(relevance) { return isNew ? .null : place.prior }
    if attribute.suppression == .writeOnlyRevision, exists, revised.contains(attribute.name) {
      return place.prior
    }
    guard place.configuration.isNull else {
      // The older SDK cannot hold a set of which it does not know each element.
      if case .set = attribute.schema.type, !place.configuration.isWhollyKnown { return .unknown }
      switch attribute.suppression {
      case .quantity: return Quantity.keeping(place.prior, for: place.configuration)
      case .policy: return PolicyDocument.stored(place.configuration)
      case .writeOnlyRevision, nil: return place.configuration
      }
    }
    if let fallback = attribute.fallback { return fallback }
    if attribute.schema.isComputed {
      // Terraform has matched the elements of a set with those of the prior state.
      if !place.proposed.isNull { return place.proposed }
      return isNew ? .unknown : place.prior
    }
    // A refresh has made zeros of what was never given; they are no change.
    return place.prior == attribute.schema.type.zero ? place.prior : .null
  }

  /// Whether the resource is one to which an attribute means something.
  private func isMet(_ relevance: RecordedAttribute.Relevance) -> Bool {
    let given = configuration[relevance.attribute]
    let fallback = type.block.attributes.first { $0.name == relevance.attribute }?.fallback
    return relevance.values.contains((given.isNull ? fallback ?? .null : given).json)
  }

  private mutating func blocks(_ nested: RecordedBlock.Nested, _ place: Place, path: AttributePath) -> Value {
    if place.configuration == .unknown { return .unknown }
    switch nested.nesting {
    case .single, .group:
      guard !place.configuration.isNull else { return .null }
      return object(nested.block, place, path: path)
    case .list, .set:
      let given = place.configuration.elements ?? []
      if given.isEmpty, nested.isComputed { return exists && !place.prior.isNull ? place.prior : .unknown }
      let had = place.prior.elements ?? []
      if exists, nested.forcesNew, given.count != had.count { replaces.append(path) }
      return .list(
        nested.nesting == .list
          ? list(nested, given, place, path: path) : set(nested, given, place, path: path)
      )
    case .map:
      var members: [String: Value] = [:]
      for name in (place.configuration.members ?? [:]).keys {
        members[name] = object(nested.block, place[name], path: path.appending(.key(name)))
      }
      return .object(members)
    }
  }

  private mutating func list(
    _ nested: RecordedBlock.Nested,
    _ given: [Value],
    _ place: Place,
    path: AttributePath
  ) -> [Value] {
    let had = place.prior.elements ?? []
    let proposed = place.proposed.elements ?? []
    for index in had.indices.dropFirst(given.count) where exists && holdsForcing(nested.block, had[index]) {
      replaces.append(path.appending(.index(index)))
    }
    return given.enumerated().map { index, configuration in
      object(
        nested.block,
        Place(
          prior: index < had.count ? had[index] : .null,
          proposed: index < proposed.count ? proposed[index] : .null,
          configuration: configuration
        ),
        path: path.appending(.index(index))
      )
    }
  }

  /// The elements of a set have no path, so a change that replaces is told of the whole set.
  private mutating func set(
    _ nested: RecordedBlock.Nested,
    _ given: [Value],
    _ place: Place,
    path: AttributePath
  ) -> [Value] {
    let had = place.prior.elements ?? []
    let before = replaces
    let planned = given.map { configuration in
      let prior = had.first { Self.holds($0, configuration) } ?? .null
      return zeroed(
        object(nested.block, Place(prior: prior, proposed: prior, configuration: configuration), path: path),
        nested.block
      )
    }
    let inside = replaces.count > before.count
    replaces = before
    if inside { replaces.append(path) }
    return planned
  }

  /// The older SDK plans the elements of a set with zeros, as it stores them.
  private func zeroed(_ element: Value, _ block: RecordedBlock) -> Value {
    guard case .object(var members) = element else { return element }
    for attribute in block.attributes
    where members[attribute.name] == .null && !attribute.schema.type.isCollection {
      members[attribute.name] = attribute.schema.type.zero
    }
    for nested in block.blocks {
      guard case .list(let elements)? = members[nested.name] else { continue }
      members[nested.name] = .list(elements.map { zeroed($0, nested.block) })
    }
    return .object(members)
  }

  /// Whether an element has everything that the configuration gives.
  private static func holds(_ element: Value, _ configuration: Value) -> Bool {
    switch (element, configuration) {
    case (_, .null): true
    case (.object(let members), .object(let given)):
      given.allSatisfy { holds(members[$0.key] ?? .null, $0.value) }
    case (.list(let elements), .list(let given)):
      given.isEmpty || elements.count == given.count && zip(elements, given).allSatisfy(holds)
    default: element == configuration
    }
  }

  /// Whether a block that goes away held something that cannot change in place.
  private func holdsForcing(_ block: RecordedBlock, _ value: Value) -> Bool {
    block.attributes.contains {
      $0.forcesNew && !value[$0.name].isNull && value[$0.name] != $0.schema.type.zero
    }
      || block.blocks.contains { nested in
        (value[nested.name].elements ?? []).contains { holdsForcing(nested.block, $0) }
      }
  }
}

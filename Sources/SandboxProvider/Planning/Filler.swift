package import PluginWire
import TerraformPlugin

/// Turns a planned resource into the one that exists after apply: what was unknown gets a value.
package struct Filler {
  private let type: RecordedType
  private let facts: ProviderFacts.Resource
  private let isLenient: Bool
  private let makesUpTexts: Bool
  private var template: Template
  private let seed: String

  /// - Parameters:
  ///   - id: the resource's, which everything that looks random is derived from.
  ///   - makesUpTexts: false leaves texts without a rule empty, whatever the provider's facts say.
  ///   - template: knows the planned resource and the provider's settings.
  package static func filled(
    _ planned: Value,
    _ type: RecordedType,
    _ facts: ProviderFacts.Resource,
    of provider: ProviderFacts,
    id: String,
    template: Template,
    makesUpTexts: Bool = true
  ) -> Value {
    var filler = Filler(
      type: type,
      facts: facts,
      isLenient: provider.isLenient,
      makesUpTexts: makesUpTexts && provider.makesUpTexts,
      template: template,
      seed: template.seed + " " + id
    )
    var resource = planned
    if resource.members?["id"] != nil { resource["id"] = .string(id) }
    // Rules look at values that other rules fill; two rounds reach what depends on one such value.
    filler.template.resource = resource
    filler.template.resource = filler.object(type.block, resource, place: [], depth: 0, isLast: false)
    return filler.object(type.block, filler.template.resource, place: [], depth: 0, isLast: true)
  }

  private init(
    type: RecordedType,
    facts: ProviderFacts.Resource,
    isLenient: Bool,
    makesUpTexts: Bool,
    template: Template,
    seed: String
  ) {
    self.type = type
    self.facts = facts
    self.isLenient = isLenient
    self.makesUpTexts = makesUpTexts
    self.template = template
    self.seed = seed
  }

  private mutating func object(
    _ block: RecordedBlock,
    _ value: Value,
    place: [String],
    depth: Int,
    isLast: Bool
  ) -> Value {
    guard case .object(var members) = value else { return value }
    for attribute in block.attributes {
      let here = place + [attribute.name]
      let old = members[attribute.name] ?? .null
      members[attribute.name] = filled(attribute, old, place: here, depth: depth, isLast: isLast)
    }
    for nested in block.blocks {
      let here = place + [nested.name]
      switch members[nested.name] {
      case .unknown?: members[nested.name] = made(nested.type, place: here, isLast: isLast)
      case .list(let elements)?:
        members[nested.name] = .list(
          elements.enumerated().map { index, element in
            object(nested.block, element, place: here + [String(index)], depth: depth + 1, isLast: isLast)
          }
        )
      case .object?:
        // A single block (`timeouts`) is Terraform's own, and no zeros come into it.
        members[nested.name] = object(
          nested.block,
          members[nested.name] ?? .null,
          place: here,
          depth: 0,
          isLast: isLast
        )
      default: break
      }
    }
    return .object(members)
  }

  private mutating func filled(
    _ attribute: RecordedAttribute,
    _ old: Value,
    place: [String],
    depth: Int,
    isLast: Bool
  ) -> Value {
    let type = attribute.schema.type
    if !isLast, attribute.schema.isComputed, let rule = rule(place),
      rule.isDue(from: template.prior, to: template.resource)
    {
      return value(of: rule, type, place: place)
    }
    if !old.isWhollyKnown { return old == .unknown ? made(type, place: place, isLast: isLast) : zeroed(old) }
    if attribute.suppression == .quantity { return Quantity.canonical(old) }
    guard old.isNull, !attribute.schema.isWriteOnly, !type.isCollection, isLenient else { return old }
    // The older SDK writes a block as a whole, zeros for what was not given included.
    return depth > 0 || facts.readsZeros.contains(attribute.name) ? type.zero : old
  }

  /// Unknown parts of a collection, as they come from another resource that gave nothing.
  private func zeroed(_ value: Value) -> Value {
    switch value {
    case .unknown: .null
    case .list(let elements): .list(elements.map(zeroed))
    case .object(let members): .object(members.mapValues(zeroed))
    default: value
    }
  }

  private func rule(_ place: [String]) -> FillRule? {
    facts.values.first { $0.applies(to: place, of: template.resource) }
  }

  private mutating func value(of rule: FillRule, _ type: ValueType, place: [String]) -> Value {
    template.seed = seed + " " + place.joined(separator: ".")
    template.place = place
    let json = template.filled(rule.value)
    return (try? Value(json: json, as: type)) ?? type.zero
  }

  /// - Parameter isLast: false leaves what no rule knows for the second round, in which a rule's
  ///   condition may hold.
  private mutating func made(_ type: ValueType, place: [String], isLast: Bool) -> Value {
    if let rule = rule(place) {
      template.place = place
      // What a rule refers to may be filled by another one.
      if isLast || !template.waits(rule.value) { return value(of: rule, type, place: place) }
    }
    guard isLast else { return .unknown }
    if type == .string, makesUpTexts {
      template.seed = seed + " " + place.joined(separator: ".")
      return .string(template.text("sandbox-{hex:12}"))
    }
    return type.zero
  }
}

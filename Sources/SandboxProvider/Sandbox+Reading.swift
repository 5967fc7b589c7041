package import PluginWire
import StackModel
package import TerraformPlugin

extension Sandbox {
  package func read(_ name: String, current: Value) async -> StateAnswer {
    guard let type = recording.resources[name] else { return StateAnswer(.null, [.error("no type \(name)")]) }
    let id = identity(current, name)
    let struck = faults.striking(.read, type: name, id: id)
    let changes = struck.filter { $0.effect == .change }.flatMap(\.values)
    let isForgotten = struck.contains { $0.effect == .forget }
    let (diagnostics, failure) = await carryOut(struck)
    if failure != nil { return StateAnswer(current, diagnostics) }
    do {
      let stored = try store.update { contents -> JSONValue? in
        if isForgotten { contents[recording.name, name, id] = nil }
        guard var object = contents[recording.name, name, id] else { return nil }
        for change in changes {
          object.set(change.place.split(separator: ".").map(String.init)[...], to: change.value)
        }
        contents[recording.name, name, id] = object
        return object
      }
      guard let stored else { return StateAnswer(.null, diagnostics) }
      return StateAnswer(
        seen(try Value(json: stored, as: type.type), as: type, name, current: current),
        diagnostics
      )
    } catch {
      return StateAnswer(
        current,
        diagnostics + [.error("Cannot read the sandbox's state", detail: "\(error)")]
      )
    }
  }

  /// What a refresh brings into the state.
  private func seen(_ stored: Value, as type: RecordedType, _ name: String, current: Value) -> Value {
    let facts = facts.resource(name)
    var value = stored
    if self.facts.isLenient { value = emptied(type.block, stored, depth: 0, facts.readsZeros) }
    for attribute in facts.notRead { value[attribute] = current[attribute] }
    // Terraform's own; no service keeps them.
    if current.members?["timeouts"] != nil { value["timeouts"] = current["timeouts"] }
    return value
  }

  /// The older SDK reads a collection that the service does not have as an empty one.
  private func emptied(_ block: RecordedBlock, _ value: Value, depth: Int, _ top: Set<String>) -> Value {
    guard case .object(var members) = value else { return value }
    for attribute in block.attributes where members[attribute.name]?.isNull ?? false {
      let type = attribute.schema.type
      guard type.isCollection, !attribute.schema.isWriteOnly, depth > 0 || top.contains(attribute.name) else {
        continue
      }
      members[attribute.name] = type.zero
    }
    for nested in block.blocks {
      guard case .list(let elements)? = members[nested.name] else { continue }
      members[nested.name] = .list(elements.map { emptied(nested.block, $0, depth: depth + 1, top) })
    }
    return .object(members)
  }

  package func importResource(_ name: String, id: String) async -> StateAnswer {
    guard let type = recording.resources[name] else { return StateAnswer(.null, [.error("no type \(name)")]) }
    if type.importID == "NAMESPACE/NAME",
      id.split(separator: "/", omittingEmptySubsequences: false).count != 2
    {
      return StateAnswer(
        .null,
        [.error("Unexpected ID format (\"\(id)\"), expected \"namespace/name\"")]
      )
    }
    // Terraform asks for the rest by a read, and says itself when there is no such object.
    var state = Self.empty(type.block)
    state["id"] = .string(id)
    return StateAnswer(state)
  }

  package func readData(_ name: String, _ configuration: Value) async -> StateAnswer {
    guard let type = recording.dataSources[name] else {
      return StateAnswer(.null, [.error("no type \(name)")])
    }
    let facts = facts.data(name)
    do {
      return try store.update { contents in
        var found: Value?
        if let from = facts.from, let source = recording.resources[from.type] {
          let id = template(configuration, type: name) { _, start in start }.text(from.id)
          if let stored = contents[recording.name, from.type, id] {
            found = try Value(json: stored, as: source.type)
          }
        }
        let planned = Self.answered(type.block, configuration, found: found, isLookup: facts.from != nil)
        var resource = ProviderFacts.Resource()
        resource.values = facts.values
        var numbers: [String: Int] = [:]
        var template = template(planned, type: name) { name, start in
          numbers[name, default: start] += 1
          return numbers[name, default: start] - 1
        }
        // Two questions get two answers.
        template.seed += " \(configuration.json.text())"
        let id =
          found?["id"].string ?? configuration["id"].string
          ?? resource.values.first { $0.path == ["id"] }?.value.string.map(template.text)
        let filled = Filler.filled(
          planned,
          type,
          resource,
          of: self.facts,
          id: id ?? template.text("{hex:12}"),
          template: template
        )
        return StateAnswer(filled)
      }
    } catch {
      return StateAnswer(.null, [.error("Cannot read the sandbox's state", detail: "\(error)")])
    }
  }

  package func openEphemeral(_ name: String, _ configuration: Value) async -> StateAnswer {
    guard let type = recording.ephemeralResources[name] else {
      return StateAnswer(.null, [.error("no type \(name)")])
    }
    let planned = Self.answered(type.block, configuration, found: nil, isLookup: false)
    let template = template(planned, type: name) { _, start in start }
    return StateAnswer(
      Filler.filled(
        planned,
        type,
        ProviderFacts.Resource(),
        of: facts,
        id: template.text("{hex:12}"),
        template: template
      )
    )
  }

  /// An object in which nothing is set.
  private static func empty(_ block: RecordedBlock) -> Value {
    var members: [String: Value] = [:]
    for attribute in block.attributes { members[attribute.name] = .null }
    for nested in block.blocks {
      switch nested.nesting {
      case .list, .set: members[nested.name] = .list([])
      case .map: members[nested.name] = .object([:])
      case .single: members[nested.name] = .null
      case .group: members[nested.name] = empty(nested.block)
      }
    }
    return .object(members)
  }

  /// A configuration with what the looked-up object says in every place that was not given; what
  /// nobody says is unknown. A lookup that finds nothing leaves null, as the real provider does.
  private static func answered(
    _ block: RecordedBlock,
    _ configuration: Value,
    found: Value?,
    isLookup: Bool
  ) -> Value {
    guard case .object(var members) = configuration else { return configuration }
    for attribute in block.attributes where members[attribute.name]?.isNull ?? true {
      guard attribute.schema.isComputed || found != nil else { continue }
      if let value = found?.members?[attribute.name] {
        members[attribute.name] = value
      } else if !isLookup || attribute.name == "id" {
        members[attribute.name] = .unknown
      }
    }
    for nested in block.blocks {
      guard case .list(let elements)? = members[nested.name] else { continue }
      let theirs = found?[nested.name].elements ?? []
      members[nested.name] = .list(
        elements.enumerated().map { index, element in
          answered(
            nested.block,
            element,
            found: index < theirs.count ? theirs[index] : nil,
            isLookup: isLookup
          )
        }
      )
    }
    return .object(members)
  }
}

extension JSONValue {
  /// Puts a value in a place, making objects on the way.
  mutating func set(_ place: ArraySlice<String>, to value: JSONValue) {
    guard let step = place.first else {
      self = value
      return
    }
    switch self {
    case .object(var object):
      var member = object[step] ?? [:]
      member.set(place.dropFirst(), to: value)
      object[step] = member
      self = .object(object)
    case .array(var elements):
      guard let index = Int(step), elements.indices.contains(index) else { return }
      elements[index].set(place.dropFirst(), to: value)
      self = .array(elements)
    case .null:
      self = [:]
      set(place, to: value)
    default: break
    }
  }
}

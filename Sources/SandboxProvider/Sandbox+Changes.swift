import PluginWire
import StackModel
package import TerraformPlugin

extension Sandbox {
  package func plan(_ change: PlanQuestion) async -> PlanAnswer {
    guard let type = recording.resources[change.type] else {
      return PlanAnswer(.null, diagnostics: [.error("no type \(change.type)")])
    }
    guard !change.proposed.isNull else { return PlanAnswer(.null) }
    let (diagnostics, failure) = await strike(
      .plan,
      type: change.type,
      id: change.prior.isNull ? nil : identity(change.prior, change.type)
    )
    if failure != nil {
      return PlanAnswer(change.prior, diagnostics: diagnostics, isLenient: facts.isLenient)
    }
    var (planned, replaces) = Planner.plan(type, change)
    for merge in facts.merges where change.configuration.members?[merge.attribute] == .null {
      planned[merge.attribute] = merged(planned[merge.base], with: settings.at(merge.setting))
    }
    return PlanAnswer(
      planned,
      replaces: replaces,
      diagnostics: diagnostics + Checker.check(type.block, change.configuration),
      isLenient: facts.isLenient
    )
  }

  /// The settings' values, and over them the resource's own; unknown when either is.
  private func merged(_ own: Value, with settings: Value) -> Value {
    if own == .unknown || settings == .unknown { return .unknown }
    return .object((settings.members ?? [:]).merging(own.members ?? [:]) { $1 })
  }

  package func apply(_ change: ApplyQuestion) async -> StateAnswer {
    guard let type = recording.resources[change.type] else {
      return StateAnswer(change.prior, [.error("no type \(change.type)")])
    }
    let old = change.prior.isNull ? nil : identity(change.prior, change.type)
    let moment: Fault.Moment = change.planned.isNull ? .destroy : .apply
    let id = old ?? wantedID(change)
    let (diagnostics, failure) = await strike(moment, type: change.type, id: id)
    if failure != nil, failure?.keepsChange != true {
      return StateAnswer(change.prior, diagnostics, isLenient: facts.isLenient)
    }
    do {
      let state =
        if change.planned.isNull { try remove(change) } else if old == nil {
          try create(change, type, isComplete: failure == nil)
        } else {
          try self.update(change, type)
        }
      return StateAnswer(state, diagnostics, isLenient: facts.isLenient)
    } catch let refusal as Refusal {
      return StateAnswer(change.prior, diagnostics + [.error(refusal.summary)], isLenient: facts.isLenient)
    } catch {
      let problem = ProviderDiagnostic.error("Cannot keep the sandbox's state", detail: "\(error)")
      return StateAnswer(change.prior, diagnostics + [problem], isLenient: facts.isLenient)
    }
  }

  /// What a resource that exists is found by: its id, or what stands for it in a type without one.
  func identity(_ value: Value, _ type: String) -> String {
    if let id = value["id"].string { return id }
    return facts.resource(type).id.map { template(value, type: type) { _, start in start }.text($0) } ?? ""
  }

  /// What the real service would have refused.
  private struct Refusal: Error { var summary: String }

  /// The id that a new resource asks for, where its configuration says it all.
  private func wantedID(_ change: ApplyQuestion) -> String? {
    guard let id = facts.resource(change.type).id, !id.contains("{next:") else { return nil }
    return template(change.planned, type: change.type) { _, start in start }.text(id)
  }

  private func remove(_ change: ApplyQuestion) throws -> Value {
    let id = identity(change.prior, change.type)
    try store.update { $0[recording.name, change.type, id] = nil }
    return .null
  }

  /// - Parameter isComplete: false where the object is made and the provider fails before it reads it
  ///   back, as at a roll-out that times out: Terraform then gets zeros for what it did not know.
  private func create(_ change: ApplyQuestion, _ type: RecordedType, isComplete: Bool) throws -> Value {
    let facts = facts.resource(change.type)
    return try store.update { contents in
      try withContents(&contents) { counter in
        var planned = change.planned
        fillNames(&planned, change.type, type, facts, counter)
        let template = template(planned, type: change.type, count: counter.next)
        // The type keeps counted ids of two types apart.
        let id = facts.id.map(template.text) ?? template.text("sandbox-{next:\(change.type):1}")
        if counter.contents[recording.name, change.type, id] != nil {
          let message = facts.exists.map(template.text) ?? "\(change.type) \"\(id)\" already exists"
          throw Refusal(summary: message)
        }
        let made = Filler.filled(planned, type, facts, of: self.facts, id: id, template: template)
        counter.contents[recording.name, change.type, id] = made.json
        guard !isComplete, self.facts.isLenient else { return made }
        var unread = facts
        unread.values = []
        return Filler.filled(
          planned,
          type,
          unread,
          of: self.facts,
          id: id,
          template: template,
          makesUpTexts: false
        )
      }
    }
  }

  private func update(_ change: ApplyQuestion, _ type: RecordedType) throws -> Value {
    let facts = facts.resource(change.type)
    let id = identity(change.prior, change.type)
    return try store.update { contents in
      try withContents(&contents) { counter in
        guard counter.contents[recording.name, change.type, id] != nil else {
          throw Refusal(summary: "Failed to update \(change.type): \"\(id)\" not found")
        }
        var template = template(change.planned, type: change.type, count: counter.next)
        template.prior = change.prior
        let made = Filler.filled(change.planned, type, facts, of: self.facts, id: id, template: template)
        counter.contents[recording.name, change.type, id] = made.json
        return made
      }
    }
  }

  /// Lets templates count in the same contents that are being changed.
  private final class Counter {
    var contents: SandboxStore.Contents
    init(_ contents: SandboxStore.Contents) { self.contents = contents }
    func next(_ name: String, _ start: Int) -> Int { contents.next(name, from: start) }
  }

  private func withContents(
    _ contents: inout SandboxStore.Contents,
    _ body: (Counter) throws -> Value
  ) throws -> Value {
    let counter = Counter(contents)
    let value = try body(counter)
    contents = counter.contents
    return value
  }

  /// A name that the service makes (`generate_name`) has to be there before the id that holds it.
  private func fillNames(
    _ planned: inout Value,
    _ name: String,
    _ type: RecordedType,
    _ facts: ProviderFacts.Resource,
    _ counter: Counter
  ) {
    guard let id = facts.id else { return }
    for part in id.split(separator: "{").compactMap({ $0.split(separator: "}").first.map(String.init) })
    where planned.at(part) == .unknown {
      let place = part.split(separator: ".").map(String.init)
      guard let rule = facts.values.first(where: { $0.applies(to: place, of: planned) }) else { continue }
      let filled = template(planned, type: name, count: counter.next).filled(rule.value)
      if let text = filled.string { planned.set(place[...], to: .string(text)) }
    }
  }
}

extension Value {
  /// Puts a value in a place that exists.
  mutating func set(_ place: ArraySlice<String>, to value: Value) {
    guard let step = place.first else {
      self = value
      return
    }
    switch self {
    case .object(var members):
      var member = members[step] ?? .null
      member.set(place.dropFirst(), to: value)
      members[step] = member
      self = .object(members)
    case .list(var elements):
      guard let index = Int(step), elements.indices.contains(index) else { return }
      elements[index].set(place.dropFirst(), to: value)
      self = .list(elements)
    default: break
    }
  }
}

import PluginWire
import StackModel

/// One side of a planned change in the forms in which a plan document has it.
struct PlannedValue {
  var value: Value
  var type: ValueType
  var sensitive: ResourceSchema.Sensitive
  /// What is sensitive because of where its value comes from.
  var marked: [[AttributePath.Step]]

  /// What is known of it; what is not is left out of objects, and null in lists.
  var known: JSONValue { Self.known(value) ?? .null }

  /// `true` where it is known after apply only.
  var unknown: JSONValue {
    if value.isWhollyKnown { return [:] }
    return Self.unknown(value)
  }

  /// `true` where it is sensitive; members without are left out.
  var sensitiveMarks: JSONValue { Self.marks(value, type, sensitive, marked) }

  private static func known(_ value: Value) -> JSONValue? {
    switch value {
    case .unknown: nil
    case .list(let elements): .array(elements.map { known($0) ?? .null })
    case .object(let members):
      .object(
        JSONObject(
          members.sorted { $0.key < $1.key }.compactMap { name, member in known(member).map { (name, $0) } }
        )
      )
    case .null, .bool, .number, .string, .dynamic: value.json
    }
  }

  private static func unknown(_ value: Value) -> JSONValue {
    switch value {
    case .unknown: true
    case .list(let elements): .array(elements.map(unknown))
    case .object(let members):
      .object(
        JSONObject(
          members.sorted { $0.key < $1.key }.compactMap { name, member in
            let mark = unknown(member)
            return mark == false ? nil : (name, mark)
          }
        )
      )
    case .null, .bool, .number, .string, .dynamic: false
    }
  }

  private static func marks(
    _ value: Value,
    _ type: ValueType,
    _ sensitive: ResourceSchema.Sensitive,
    _ marked: [[AttributePath.Step]]
  ) -> JSONValue {
    if case .whole = sensitive { return true }
    if marked.contains([]) { return true }
    func below(_ step: AttributePath.Step) -> [[AttributePath.Step]] {
      marked.compactMap { $0.first == step ? Array($0.dropFirst()) : nil }
    }
    switch (value, type) {
    case (.null, _): return false
    case (.list, .set(let element)):
      // The elements of a set cannot be told apart without their values, so one makes all of it sensitive.
      let list = marks(value, .list(element), sensitive, marked)
      return (list.array ?? []).contains(where: hasMark) ? true : list
    case (.list(let elements), .list(let element)):
      let inner: ResourceSchema.Sensitive = if case .elements(let inner) = sensitive { inner } else { .none }
      return .array(
        elements.enumerated().map { marks($0.element, element, inner, below(.element($0.offset))) }
      )
    case (.list(let elements), .tuple(let types)):
      return .array(
        zip(elements, types).enumerated().map {
          marks($0.element.0, $0.element.1, .none, below(.element($0.offset)))
        }
      )
    case (.object(let members), .object(let types)):
      return object(members) { name, member in
        let inner: ResourceSchema.Sensitive =
          if case .members(let inner) = sensitive { inner[name] ?? .none } else { .none }
        return marks(member, types[name] ?? .dynamic, inner, below(.member(name)))
      }
    case (.object(let members), .map(let element)):
      let inner: ResourceSchema.Sensitive = if case .elements(let inner) = sensitive { inner } else { .none }
      return object(members) { marks($1, element, inner, below(.member($0))) }
    case (.unknown, .list), (.unknown, .set), (.unknown, .tuple): return []
    case (.unknown, .map), (.unknown, .object): return [:]
    default: return false
    }
  }

  private static func hasMark(_ marks: JSONValue) -> Bool {
    switch marks {
    case .bool(let value): value
    case .array(let elements): elements.contains(where: hasMark)
    case .object(let object): object.contains { hasMark($0.value) }
    default: false
    }
  }

  private static func object(
    _ members: [String: Value],
    _ mark: (String, Value) -> JSONValue
  ) -> JSONValue {
    .object(
      JSONObject(
        members.sorted { $0.key < $1.key }.compactMap { name, member in
          let mark = mark(name, member)
          return mark == false ? nil : (name, mark)
        }
      )
    )
  }
}

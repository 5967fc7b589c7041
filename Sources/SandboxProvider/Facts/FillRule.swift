package import PluginWire
package import StackModel

/// What the real service answers in one place.
package struct FillRule: Sendable {
  /// A step `*` stands for any one step, a first step `**` for any number of them.
  package var path: [String]
  /// The value, with templates in its texts.
  package var value: JSONValue
  /// A place of the resource and the values there under which the rule holds.
  package var condition: (path: String, values: [JSONValue])?
  /// Whether the value is made anew with each change, as a version is.
  package var isEachApply: Bool
  /// With ``isEachApply``: only where the change is in this place.
  package var changedPlace: String?

  init(_ json: JSONValue) throws(RecordingError) {
    guard let path = json["path"]?.string, let value = json["value"] else {
      throw RecordingError("a rule needs path and value: \(json.text())")
    }
    self.path = path.split(separator: ".").map(String.init)
    self.value = value
    if let place = json["when"]?["path"]?.string, let values = json["when"]?["in"]?.array {
      condition = (place, values)
    }
    changedPlace = json["each_apply"]?.string
    isEachApply = changedPlace != nil || json["each_apply"]?.bool ?? false
  }

  package func applies(to place: [String], of resource: Value) -> Bool {
    guard matches(place[...], path[...]) else { return false }
    guard let condition else { return true }
    return condition.values.contains(resource.at(condition.path).json)
  }

  /// Whether a change of a resource that exists calls for a new value.
  package func isDue(from prior: Value, to planned: Value) -> Bool {
    guard isEachApply else { return false }
    return changedPlace.map { prior.isNull || prior.at($0) != planned.at($0) } ?? true
  }

  private func matches(_ place: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
    if pattern.first == "**" {
      let rest = pattern.dropFirst()
      return place.count >= rest.count && matches(place.suffix(rest.count), rest)
    }
    return place.count == pattern.count && zip(place, pattern).allSatisfy { $1 == "*" || $0 == $1 }
  }
}

extension Value {
  /// The value in a place written as `spec.0.type`; null where there is none.
  package func at(_ path: String) -> Value {
    path.split(separator: ".").reduce(self) { value, step in
      switch value {
      case .object(let members): members[String(step)] ?? .null
      case .dynamic(_, let value): value.at(String(step))
      case .list(let elements):
        if let index = Int(step), elements.indices.contains(index) { elements[index] } else { .null }
      default: .null
      }
    }
  }
}

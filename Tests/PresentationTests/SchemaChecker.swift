import StackModel

/// Checks a document against a JSON Schema, as far as `docs/events.schema.json` uses the language. A
/// keyword that it does not know is a failure, so that no part of the schema goes unchecked.
struct SchemaChecker {
  let root: JSONValue

  /// - Returns: what is wrong, with the place; empty when the document is valid.
  func problems(_ value: JSONValue, _ schema: JSONValue? = nil, at place: String = "$") -> [String] {
    guard let keywords = (schema ?? root).object else { return ["\(place): no schema"] }
    return keywords.flatMap { keyword, argument in
      check(keyword, argument, value, keywords, place)
    }
  }

  private func check(
    _ keyword: String,
    _ argument: JSONValue,
    _ value: JSONValue,
    _ schema: JSONObject,
    _ place: String
  ) -> [String] {
    func fail(_ text: String) -> [String] { ["\(place): \(text)"] }
    switch keyword {
    case "$schema", "title", "description", "$defs": return []
    case "$ref":
      let name = String(argument.string?.dropFirst("#/$defs/".count) ?? "")
      return problems(value, root["$defs"]?[name], at: place)
    case "type": return hasType(value, argument.string) ? [] : fail("is no \(argument.text())")
    case "const": return value == argument ? [] : fail("is not \(argument.text())")
    case "enum": return argument.array?.contains(value) == true ? [] : fail("is none of \(argument.text())")
    case "oneOf":
      let matching = (argument.array ?? []).filter { problems(value, $0, at: place).isEmpty }
      return matching.count == 1 ? [] : fail("matches \(matching.count) of the alternatives")
    case "required":
      return (argument.array ?? []).compactMap(\.string).filter { value[$0] == nil }
        .map { "\(place): \($0) is missing" }
    case "properties":
      return (value.object ?? JSONObject()).flatMap { key, member in
        argument[key].map { problems(member, $0, at: "\(place).\(key)") } ?? []
      }
    case "additionalProperties":
      let unknown = (value.object?.keys ?? []).filter { schema["properties"]?[$0] == nil }
      return argument == false && unknown.isEmpty ? [] : fail("has unknown members \(unknown)")
    case "items":
      return (value.array ?? []).enumerated().flatMap { problems($1, argument, at: "\(place)[\($0)]") }
    case "minItems": return (value.array?.count ?? 0) >= argument.int ?? 0 ? [] : fail("has too few elements")
    case "minLength": return (value.string?.count ?? 0) >= argument.int ?? 0 ? [] : fail("is too short")
    case "minimum": return (value.double ?? 0) >= argument.double ?? 0 ? [] : fail("is too small")
    case "pattern":
      let regex = try? Regex(argument.string ?? "(")
      return regex.flatMap { try? $0.firstMatch(in: value.string ?? "") } != nil
        ? [] : fail("has the wrong form")
    default: return fail("the keyword \(keyword) is not known to this checker")
    }
  }

  private func hasType(_ value: JSONValue, _ type: String?) -> Bool {
    switch type {
    case "string": value.string != nil
    case "integer": value.int != nil
    case "number": value.double != nil
    case "boolean": value.bool != nil
    case "object": value.object != nil
    case "array": value.array != nil
    default: false
    }
  }
}

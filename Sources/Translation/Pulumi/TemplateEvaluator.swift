import StackModel

/// Lays a normal form out as a template says. A template is JSON in which
///
/// - text `@{expression}` stands for a value, with its type where it is the whole text;
/// - `{"$if": E, "then": T, "else": T}` is one of the two, or nothing;
/// - `{"$with": E, "do": T}` is `T` with `it` for the value, or nothing if that is null or false;
/// - `{"$each": "name in E", "when": E, "do": T}` is a list; with
///   `"key, name in E"` over a map by its keys in order, or over a list with its indices; with `"distinct": true` each once;
/// - `{"$map": "name in E", "when": E, "key": text, "do": T}` is an object; of equal keys the last counts;
/// - `{"$merge": [T, T]}` is an object with the members of all, of which later ones win;
/// - `{"$part": name, "of": E}` is that part of the template with `it` for the value, or nothing as for `$with`.
///
/// A list that one of these gives is joined into the list it stands in. What comes out as null, and a value or loop with nothing in it, is left out of what it stands in. An object
/// that is written stays, even with nothing left in it.
enum TemplateEvaluator {
  static func evaluate(_ template: JSONValue, in scope: TemplateScope) throws(TemplateError) -> JSONValue? {
    switch template {
    case .string(let text): return try evaluate(text, in: scope)
    case .array(let elements): return .array(try evaluate(elements, in: scope))
    case .object(let object):
      if isDirective(template) { return try evaluate(directive: object.keys[0], object, in: scope) }
      var result = JSONObject()
      for (key, member) in object {
        guard let value = try evaluate(member, in: scope) else { continue }
        result[try self.key(key, in: scope)] = value
      }
      return .object(result)
    case .null: return nil
    case .bool, .number: return template
    }
  }

  static func evaluate(_ elements: [JSONValue], in scope: TemplateScope) throws(TemplateError) -> [JSONValue]
  {
    var result: [JSONValue] = []
    for element in elements {
      guard let value = try evaluate(element, in: scope) else { continue }
      if isDirective(element), let inner = value.array { result += inner } else { result.append(value) }
    }
    return result
  }

  private static func isDirective(_ template: JSONValue) -> Bool {
    template.object?.members.first?.key.hasPrefix("$") ?? false
  }

  private static func evaluate(
    directive: String,
    _ object: JSONObject,
    in scope: TemplateScope
  ) throws(TemplateError) -> JSONValue? {
    if directive == "$merge" { return try merge(object[directive]?.array ?? [], in: scope) }
    guard let subject = object[directive]?.string else { throw .template("\(directive) takes text") }
    switch directive {
    case "$if":
      let branch = try scope.holds(subject) ? object["then"] : object["else"]
      return try branch.flatMap { branch throws(TemplateError) in try evaluate(branch, in: scope) }
    case "$with":
      let value = try scope.value(of: subject)
      guard value != .null, value != .bool(false) else { return nil }
      return try evaluate(object["do"] ?? "@{it}", in: scope.with("it", value))
    case "$part":
      guard let part = scope.locals.parts[subject] else { throw .template("no part is called `\(subject)`") }
      return try evaluate(
        ["$with": object["of"] ?? .null, "do": part],
        in: scope
      )
    case "$each":
      var result: [JSONValue] = []
      let distinct = object["distinct"] == true
      for inner in try scopes(of: subject, when: object["when"], in: scope) {
        guard let value = try evaluate(object["do"] ?? .null, in: inner) else { continue }
        if !distinct || !result.contains(value) { result.append(value) }
      }
      return result.isEmpty ? Optional.none : .array(result)
    case "$map":
      var result = JSONObject()
      for inner in try scopes(of: subject, when: object["when"], in: scope) {
        guard let value = try evaluate(object["do"] ?? .null, in: inner) else { continue }
        result[try key(object["key"]?.string ?? "@{key}", in: inner)] = value
      }
      return result.isEmpty ? Optional.none : .object(result)
    default: throw .template("nothing is called `\(directive)`")
    }
  }

  private static func merge(
    _ templates: [JSONValue],
    in scope: TemplateScope
  ) throws(TemplateError) -> JSONValue? {
    var result = JSONObject()
    for template in templates {
      for (key, value) in try evaluate(template, in: scope)?.object ?? JSONObject() { result[key] = value }
    }
    return result.isEmpty ? Optional.none : .object(result)
  }

  /// A scope for each turn of one loop, or of several: `a in list; b in a.list`.
  static func scopes(
    of loop: String,
    when condition: JSONValue?,
    in scope: TemplateScope
  ) throws(TemplateError) -> [TemplateScope] {
    var scopes = [scope]
    for one in loop.split(separator: ";") {
      let halves = one.split(separator: " in ", maxSplits: 1)
      guard halves.count == 2 else { throw .template("`\(loop)`: a loop is `name in list`") }
      let names = halves[0].split(separator: ",").map { String($0.filter { $0 != " " }) }
      var inner: [TemplateScope] = []
      for outer in scopes {
        switch try outer.value(of: String(halves[1])) {
        case .null, .bool(false): break
        case .array(let elements):
          inner += elements.enumerated().map { index, element in
            outer.with(names[0], .int(index)).with(names[names.count - 1], element)
          }
        case .object(let object):
          for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            inner.append(outer.with(names[0], .string(key)).with(names[names.count - 1], value))
          }
        case let other: throw .template("`\(loop)` goes over \(other.text())")
        }
      }
      scopes = inner
    }
    guard let condition = condition?.string else { return scopes }
    var kept: [TemplateScope] = []
    for scope in scopes where try scope.holds(condition) { kept.append(scope) }
    return kept
  }

  private static func key(_ text: String, in scope: TemplateScope) throws(TemplateError) -> String {
    guard text.contains("@{") else { return text }
    let key = try self.text(text, in: scope)
    try PulumiText.checkKey(key)
    return key
  }

  private static func evaluate(_ text: String, in scope: TemplateScope) throws(TemplateError) -> JSONValue? {
    guard text.contains("@{") else { return .string(text) }
    if text.hasPrefix("@{"), let end = text.firstIndex(of: "}"), end == text.index(before: text.endIndex) {
      let value = try scope.value(of: String(text.dropFirst(2).dropLast()))
      switch value {
      case .null: return nil
      case .array, .object: return value.isEmpty ? Optional.none : value
      default: return value
      }
    }
    return .string(try self.text(text, in: scope))
  }

  /// Text with values in it.
  static func text(_ template: String, in scope: TemplateScope) throws(TemplateError) -> String {
    var result = ""
    var rest = template[...]
    while let start = rest.firstRange(of: "@{") {
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw .template("`\(template)` lacks a closing brace")
      }
      result += rest[..<start.lowerBound]
      switch try scope.value(of: String(rest[start.upperBound..<end])) {
      case .string(let text), .number(let text): result += text
      case .bool(let value): result += value ? "true" : "false"
      case let other: throw .template("`\(template)`: \(other.text()) is no text")
      }
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}

import StackModel

/// What the names in a template stand for: variables of loops, then the template's own `locals`, then the
/// normal form.
struct TemplateScope {
  /// Worked out at first use, so that the files of a template may name one another's.
  final class Locals {
    let templates: JSONObject
    let parts: JSONObject
    fileprivate var values: [String: JSONValue] = [:]
    fileprivate var underWay: Set<String> = []
    fileprivate var expressions: [String: TemplateExpression] = [:]

    init(_ templates: JSONObject, parts: JSONObject) {
      self.templates = templates
      self.parts = parts
    }
  }

  let values: JSONValue
  let locals: Locals
  var variables: [String: JSONValue] = [:]

  func with(_ name: String, _ value: JSONValue) -> TemplateScope {
    var inner = self
    inner.variables[name] = value
    return inner
  }

  private func find(_ name: String) throws(TemplateError) -> JSONValue {
    if let value = variables[name] ?? locals.values[name] { return value }
    guard let template = locals.templates[name] else {
      guard let value = values[name] else { throw .template("nothing is called `\(name)`") }
      return value
    }
    guard locals.underWay.insert(name).inserted else { throw .template("`\(name)` depends on itself") }
    let outer = TemplateScope(values: values, locals: locals)
    let value = try TemplateEvaluator.evaluate(template, in: outer) ?? .null
    locals.values[name] = value
    return value
  }

  /// A text's expression, parsed once.
  func expression(_ text: String) throws(TemplateError) -> TemplateExpression {
    if let known = locals.expressions[text] { return known }
    let parsed = try TemplateExpression(text)
    locals.expressions[text] = parsed
    return parsed
  }

  func value(of text: String) throws(TemplateError) -> JSONValue { try value(of: expression(text)) }

  func holds(_ text: String) throws(TemplateError) -> Bool { Self.isTrue(try value(of: text)) }

  static func isTrue(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .bool(false): false
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.isEmpty
    default: true
    }
  }

  func value(of expression: TemplateExpression) throws(TemplateError) -> JSONValue {
    switch expression {
    case .literal(let value): return value
    case .name(let name): return try find(name)
    case .member(let base, let name):
      let object = try value(of: base)
      if object.isNull { return .null }
      // Normal forms have every attribute: one that is not there is misspelt.
      guard let value = object[name] else { throw .template("`\(name)` is in no normal form there") }
      return value
    case .element(let base, let key):
      guard case .string(let key) = try value(of: key) else { return .null }
      return try value(of: base)[key] ?? .null
    case .call(let name, let arguments):
      var values: [JSONValue] = []
      for argument in arguments { values.append(try value(of: argument)) }
      return try TemplateFunction.call(name, values)
    case .not(let inner): return .bool(!Self.isTrue(try value(of: inner)))
    case .binary(let operation, let left, let right):
      let first = try value(of: left)
      switch operation {
      case .otherwise: return first.isNull ? try value(of: right) : first
      case .or: return Self.isTrue(first) ? first : try value(of: right)
      case .and: return Self.isTrue(first) ? try value(of: right) : first
      case .equal: return .bool(first == (try value(of: right)))
      case .unequal: return .bool(first != (try value(of: right)))
      }
    }
  }
}

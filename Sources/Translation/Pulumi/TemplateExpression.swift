import StackModel

/// What stands between `@{` and `}` in a program template, and in its conditions.
///
///     a ?? b    a || b    a && b    a == b    a != b    !a    (a)
///     path.to.value    map[path]    function(a, b)    'text'    12
///
/// Null, false and an empty list or map count as false, everything else as true.
indirect enum TemplateExpression: Sendable, Hashable {
  case literal(JSONValue)
  case name(String)
  case member(TemplateExpression, String)
  case element(TemplateExpression, TemplateExpression)
  case call(String, [TemplateExpression])
  case not(TemplateExpression)
  case binary(Operator, TemplateExpression, TemplateExpression)

  enum Operator: String, Sendable, Hashable {
    case otherwise = "??"
    case or = "||"
    case and = "&&"
    case equal = "=="
    case unequal = "!="

    /// Loosest first.
    static let levels: [[Operator]] = [[.otherwise], [.or], [.and], [.equal, .unequal]]
  }

  init(_ text: some StringProtocol) throws(TemplateError) {
    var parser = Parser(text: String(text), rest: Array(text.utf8)[...])
    self = try parser.binary(0)
    parser.skipSpaces()
    guard parser.rest.isEmpty else { throw parser.problem("an operator") }
  }

  private struct Parser {
    let text: String
    var rest: ArraySlice<UInt8>

    func problem(_ expected: String) -> TemplateError {
      .template("`\(text)`: expected \(expected) before `\(String(decoding: rest, as: UTF8.self))`")
    }

    mutating func skipSpaces() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

    mutating func take(_ token: String) -> Bool {
      skipSpaces()
      guard rest.starts(with: token.utf8) else { return false }
      rest = rest.dropFirst(token.utf8.count)
      return true
    }

    mutating func need(_ token: String) throws(TemplateError) {
      guard take(token) else { throw problem("`\(token)`") }
    }

    mutating func binary(_ level: Int) throws(TemplateError) -> TemplateExpression {
      guard level < Operator.levels.count else { return try unary() }
      var left = try binary(level + 1)
      while let found = Operator.levels[level].first(where: { take($0.rawValue) }) {
        left = .binary(found, left, try binary(level + 1))
      }
      return left
    }

    mutating func unary() throws(TemplateError) -> TemplateExpression {
      if take("!") { return .not(try unary()) }
      var value = try primary()
      while true {
        if take(".") {
          value = .member(value, try word())
        } else if take("[") {
          value = .element(value, try binary(0))
          try need("]")
        } else {
          return value
        }
      }
    }

    mutating func primary() throws(TemplateError) -> TemplateExpression {
      if take("(") {
        let inner = try binary(0)
        try need(")")
        return inner
      }
      if take("'") {
        let content = rest.prefix { $0 != UInt8(ascii: "'") }
        rest = rest.dropFirst(content.count)
        try need("'")
        return .literal(.string(String(decoding: content, as: UTF8.self)))
      }
      let name = try word()
      if let number = Int(name) { return .literal(.int(number)) }
      guard take("(") else { return .name(name) }
      var arguments: [TemplateExpression] = []
      while !take(")") {
        if !arguments.isEmpty { try need(",") }
        arguments.append(try binary(0))
      }
      return .call(name, arguments)
    }

    mutating func word() throws(TemplateError) -> String {
      skipSpaces()
      let word = rest.prefix { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
      guard !word.isEmpty else { throw problem("a name") }
      rest = rest.dropFirst(word.count)
      return String(decoding: word, as: UTF8.self)
    }
  }
}

package import StackModel

/// How text of a manifest stands in a Pulumi program, where `${...}` is a reference and `$$` is `$`.
package enum PulumiText {
  /// The text as a literal: every `$` twice.
  static func escaped(_ text: String) -> String {
    text.utf8.contains(UInt8(ascii: "$")) ? text.replacing("$", with: "$$") : text
  }

  static func unescaped(_ text: String) -> String { text.replacing("$$", with: "$") }

  /// A whole value as literals, keys too, for Pulumi reads references in them as well.
  ///
  /// - Throws: on a key that no doubling of `$` makes safe.
  static func escaped(_ value: JSONValue) throws(TemplateError) -> JSONValue {
    switch value {
    case .string(let text): return .string(escaped(text))
    case .array(let elements):
      var result: [JSONValue] = []
      result.reserveCapacity(elements.count)
      for element in elements { result.append(try escaped(element)) }
      return .array(result)
    case .object(let object):
      var members: [(String, JSONValue)] = []
      members.reserveCapacity(object.count)
      for (key, value) in object {
        let key = escaped(key)
        try checkKey(key)
        members.append((key, try escaped(value)))
      }
      return .object(JSONObject(members))
    case .null, .bool, .number: return value
    }
  }

  /// YAML takes no key longer than this; counted in characters.
  private static let longestKey = 1022

  /// An object whose only key names a function is a call, and nothing escapes that: such keys are
  /// refused wherever they stand.
  static func checkKey(_ key: String) throws(TemplateError) {
    if key.prefix(4).lowercased() == "fn::" {
      throw TemplateError(
        cause: .key,
        message: "the key `\(key)` would be a function of Pulumi; no key may begin with `fn::`"
      )
    }
    if key.unicodeScalars.count > longestKey {
      throw TemplateError(
        cause: .key,
        message: "a key of \(key.unicodeScalars.count) characters; Pulumi reads keys of \(longestKey)"
      )
    }
  }

  /// Text as part of a name that references use: letters, digits and `-` stay, `_` is written twice, and
  /// anything else becomes `_s` (a slash), `_d` (a dot) or `_x` and its number. No two texts have one name.
  package static func identifier(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-": result.unicodeScalars.append(scalar)
      case "_": result += "__"
      case "/": result += "_s"
      case ".": result += "_d"
      default: result += "_x\(String(scalar.value, radix: 16))_"
      }
    }
    return result
  }

  /// The name of the config that holds a secret.
  package static func secretName(_ key: String) -> String { "secret_\(identifier(key))" }

  /// The document as bytes. Pulumi reads them as YAML, which takes some characters of JSON strings only
  /// when they are escaped.
  package static func bytes(_ document: JSONValue) -> [UInt8] {
    let plain = document.bytes(.pretty)
    guard plain.contains(where: { $0 == 0xC2 || $0 == 0xEF }) else { return plain }
    var result: [UInt8] = []
    result.reserveCapacity(plain.count)
    var position = 0
    while position < plain.count {
      let rest = plain[position...]
      if rest.first == 0xC2, let next = rest.dropFirst().first, next < 0xA0 {
        result += Array("\\u00\(String(next, radix: 16))".utf8)
        position += 2
      } else if rest.starts(with: [0xEF, 0xBF, 0xBE]) || rest.starts(with: [0xEF, 0xBF, 0xBF]) {
        result += Array("\\uff\(String(rest[position + 2] + 0x40, radix: 16))".utf8)
        position += 3
      } else {
        result.append(plain[position])
        position += 1
      }
    }
    return result
  }
}

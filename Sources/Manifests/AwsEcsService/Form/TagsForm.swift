import StackModel

extension EcsService {
  /// Who the service is, then the tags it was given, which win.
  var tagsForm: JSONValue {
    var tags = JSONObject()
    let own = [("name", manifest.name), ("org", manifest.org ?? ""), ("env", manifest.env ?? "")]
    for (key, value) in own where !value.isEmpty && EcsTags.isValue(value) {
      tags["stackjob:\(key)"] = .string(value)
    }
    for tag in spec["tags"]?.stringMap ?? [] { tags[tag.key] = .string(tag.value) }
    return .object(tags)
  }
}

/// What AWS takes for a tag.
enum EcsTags {
  static func isKey(_ text: String) -> Bool { (1...128).contains(text.unicodeScalars.count) && isLegal(text) }
  static func isValue(_ text: String) -> Bool { text.unicodeScalars.count <= 256 && isLegal(text) }

  private static func isLegal(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      "+-=._:/@".unicodeScalars.contains(scalar) || isLetterDigitOrSpace(scalar)
    }
  }

  /// Of any script.
  private static func isLetterDigitOrSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .spaceSeparator:
      true
    default: false
    }
  }
}

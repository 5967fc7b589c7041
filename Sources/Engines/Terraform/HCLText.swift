/// Text as HCL reads it, by scalar and not by character: a quote with a combining mark after it is one
/// character, and would pass as it is.
package enum HCLText {
  /// A string in quotes.
  static func quote(_ text: String) -> String {
    var quoted = String.UnicodeScalarView("\"".unicodeScalars)
    for scalar in escapingTemplates(text).unicodeScalars {
      switch scalar {
      case "\"": quoted.append(contentsOf: #"\""#.unicodeScalars)
      case "\\": quoted.append(contentsOf: #"\\"#.unicodeScalars)
      case "\n": quoted.append(contentsOf: #"\n"#.unicodeScalars)
      case "\r": quoted.append(contentsOf: #"\r"#.unicodeScalars)
      default: quoted.append(scalar)
      }
    }
    quoted.append("\"")
    return String(quoted)
  }

  /// The text with `${` and `%{`, which begin a template, written so that they stand for themselves. In
  /// Terraform's JSON syntax this is all that is needed.
  package static func escapingTemplates(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == "{", let last, last == "$" || last == "%" {
        escaped.append(last)
      }
      escaped.append(scalar)
      last = scalar
    }
    return String(escaped)
  }
}

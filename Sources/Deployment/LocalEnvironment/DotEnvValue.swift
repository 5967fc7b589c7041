/// A value as `.env` has it.
///
/// The readers agree on less than it seems. Within single quotes all is literal, but python-dotenv takes `\\` for
/// one backslash, and no shell knows `\'`. Within double quotes all know `\\` and `\"`, but only Compose and
/// shells know `\$`. python-dotenv puts variables in for `${...}` whatever the quotes. So each value gets the form
/// that most of them read as it is meant.
struct DotEnvValue {
  var text: String
  /// Who reads something else.
  var misreadBy: [DotEnvFile.Reader]

  init(_ value: String) {
    let scalars = value.unicodeScalars
    func has(_ scalar: Unicode.Scalar) -> Bool { scalars.contains(scalar) }
    /// Told by bytes: two backslashes are two characters, and a brace after a dollar too.
    let opening = value.firstRange(of: "${")
    let interpolates: [DotEnvFile.Reader] =
      opening.map { value[$0.upperBound...].contains("}") } == true ? [.python] : []

    if scalars.allSatisfy(Self.isPlain) {
      (text, misreadBy) = (value, [])
    } else if has("\r") {
      // A lone or a paired carriage return is a line's end to all who read lines.
      (text, misreadBy) = (Self.double(value, dollar: true), has("$") ? [.python, .shell] : [.shell])
    } else if !has("'"), !value.contains(#"\\"#), !value.hasSuffix(#"\"#) {
      (text, misreadBy) = ("'\(value)'", interpolates)
    } else if !has("$"), !has("`") {
      (text, misreadBy) = (Self.double(value, dollar: false), [])
    } else if !has("\\") {
      (text, misreadBy) = ("'\(value.replacing("'", with: #"\'"#))'", interpolates + [.shell])
    } else {
      var others: [DotEnvFile.Reader] = has("$") ? [.python] : []
      if has("`") { others.append(.shell) }
      (text, misreadBy) = (Self.double(value, dollar: true), others)
    }
    if text.hasSuffix(#"\\""#) {
      // python-dotenv takes the quote for an escaped one, and would read on to the next quote of the file. This
      // comment has it, so that the mistake stays on its line.
      text += " # \""
      if !misreadBy.contains(.python) { misreadBy.append(.python) }
    }
  }

  private static func double(_ value: String, dollar: Bool) -> String {
    var result = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\", "\"": result += "\\" + String(scalar)
      case "$" where dollar: result += #"\$"#
      case "\r": result += #"\r"#
      case "\n" where value.unicodeScalars.contains("\r"): result += #"\n"#
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Means itself to everybody without quotes.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", "@", "%", "+", ",": true
    default: false
    }
  }
}

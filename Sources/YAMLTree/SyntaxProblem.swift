import StackModel

/// Says in plain English, and at the place to be mended, what libyaml reports.
struct SyntaxProblem {
  var problem: String
  var context: String
  var place: SourceLocation
  var contextPlace: SourceLocation

  func diagnostic(in bytes: UnsafeBufferPointer<UInt8>) -> Diagnostic {
    let line = Self.line(place.line, in: bytes)
    if let tab = tab(in: line) { return tab }
    let (message, hint, mark) = sentence(line)
    return .error("yaml.syntax", message, at: mark, hint: hint)
  }

  /// A tab where the parser wanted indentation. Tabs elsewhere, as in JSON, are no fault.
  private func tab(in line: [Unicode.Scalar]) -> Diagnostic? {
    guard problem.contains("tab character") || character(line) == "\t" else { return nil }
    let indent = line.prefix { $0 == " " || $0 == "\t" }
    let column = indent.firstIndex(of: "\t").map { $0 + 1 } ?? place.column
    return .error(
      "yaml.tab",
      "a tab is used to indent; YAML indents with spaces",
      at: SourceLocation(file: place.file, line: place.line, column: column),
      hint: "replace the tab with spaces"
    )
  }

  private func character(_ line: [Unicode.Scalar]) -> Unicode.Scalar? {
    line.indices.contains(place.column - 1) ? line[place.column - 1] : nil
  }

  private static func line(_ number: Int, in bytes: UnsafeBufferPointer<UInt8>) -> [Unicode.Scalar] {
    var rest = bytes[...]
    for _ in 1..<max(number, 1) {
      guard let end = rest.firstIndex(of: 0x0A) else { return [] }
      rest = rest[(end + 1)...]
    }
    return Array(String(decoding: rest.prefix { $0 != 0x0A }, as: UTF8.self).unicodeScalars)
  }

  private typealias Sentence = (message: String, hint: String?, mark: SourceLocation)

  private func sentence(_ line: [Unicode.Scalar]) -> Sentence {
    switch problem {
    case "found unexpected end of stream", "found unexpected document indicator":
      return ("this quote is never closed", "close it with the same quote", contextPlace)
    case "did not find expected ',' or ']'":
      return (
        "the list that begins at line \(contextPlace.line), column \(contextPlace.column) lacks a `,` or its `]`",
        "put text that holds , [ ] { } in quotes", place
      )
    case "did not find expected ',' or '}'":
      return (
        "the map that begins at line \(contextPlace.line), column \(contextPlace.column) lacks a `,` or its `}`",
        "put text that holds , [ ] { } in quotes", place
      )
    case "mapping values are not allowed in this context":
      return (
        "a `:` makes a field here, where none can begin",
        "put text that holds \": \" in quotes, or check the indentation of this line", place
      )
    case "could not find expected ':'":
      return (
        "a field's name must be followed by `:`",
        "write `name: value`; text over several lines starts with |",
        contextPlace
      )
    case "did not find expected key":
      return (
        "this line does not line up with the map that begins at line \(contextPlace.line)",
        "indent the fields of one map alike, and put text that goes on after a closing quote in quotes whole",
        place
      )
    case "did not find expected '-' indicator":
      return (
        "this line does not line up with the list that begins at line \(contextPlace.line)",
        "indent the dashes of one list alike", place
      )
    case "block sequence entries are not allowed in this context":
      return ("a list cannot begin here", "begin it on a line of its own", place)
    case "mapping keys are not allowed in this context": return ("a map cannot begin here", nil, place)
    case "did not find expected node content":
      return ("a value is missing here", "check the commas and brackets", place)
    case "did not find expected <document start>":
      return (
        "something follows the end of the document", "separate documents with a line that holds just ---",
        place
      )
    case "found unknown escape character":
      return (
        "this escape is not known in double quotes", "write \\\\ for a backslash, or use single quotes", place
      )
    case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
      return ("the escape is not followed by the hexadecimal number of a character", nil, place)
    case "found character that cannot start any token":
      let quoted = character(line).map { "`\($0)`" } ?? "this character"
      return ("a value cannot begin with \(quoted)", "put it in quotes", place)
    case "did not find expected alphabetic or numeric character":
      let what = context.hasSuffix("alias") ? "`*`" : "`&`"
      return (
        "\(what) must be followed by a name of letters, digits, - and _",
        "put text that begins with \(what) in quotes", contextPlace
      )
    case "found undefined tag handle":
      return ("the tag's prefix is not declared", "put text that begins with ! in quotes", place)
    case "found incompatible YAML document": return ("only YAML 1.1 and 1.2 are read", nil, place)
    default:
      let detail = context.isEmpty ? problem : "\(problem) \(context)"
      return (detail.isEmpty ? "this is not YAML" : "this is not YAML: \(detail)", nil, place)
    }
  }
}

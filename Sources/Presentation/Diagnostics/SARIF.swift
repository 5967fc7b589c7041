package import StackModel

/// Problems as SARIF 2.1.0, which code hosts show beside the lines they are about.
package enum SARIF {
  package static func render(_ diagnostics: [Diagnostic], toolVersion: String) -> JSONValue {
    var rules: [String] = []
    for diagnostic in diagnostics where !rules.contains(diagnostic.code) { rules.append(diagnostic.code) }
    return [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "stackjob",
              "version": .string(toolVersion),
              "rules": .array(rules.map(rule)),
            ]
          ],
          // Our columns count Unicode scalars; SARIF's default is UTF-16 units.
          "columnKind": "unicodeCodePoints",
          "results": .array(diagnostics.map { result($0, ruleIndex: rules.firstIndex(of: $0.code) ?? 0) }),
        ]
      ],
    ]
  }

  private static func rule(_ code: String) -> JSONValue {
    let words = code.split { $0 == "." || $0 == "-" }.joined(separator: " ")
    return [
      "id": .string(code),
      "shortDescription": ["text": .string(words)],
      "help": ["text": "Described in docs/diagnostics.md of stackjob."],
    ]
  }

  private static func result(_ diagnostic: Diagnostic, ruleIndex: Int) -> JSONValue {
    let text = diagnostic.message + (diagnostic.hint.map { "\n\($0)" } ?? "")
    var result: JSONObject = [
      "ruleId": .string(diagnostic.code),
      "ruleIndex": .int(ruleIndex),
      "level": .string(level(diagnostic.severity)),
      "message": ["text": .string(text)],
    ]
    if let location = location(diagnostic) { result["locations"] = [location] }
    return .object(result)
  }

  private static func level(_ severity: Diagnostic.Severity) -> String {
    severity == .info ? "note" : severity.rawValue
  }

  private static func location(_ diagnostic: Diagnostic) -> JSONValue? {
    var object = JSONObject()
    if let place = diagnostic.location, let uri = uri(place.file) {
      var physical: JSONObject = ["artifactLocation": ["uri": .string(uri)]]
      if place.line > 0 {
        var region: JSONObject = ["startLine": .int(place.line)]
        if place.column > 0 { region["startColumn"] = .int(place.column) }
        physical["region"] = .object(region)
      }
      object["physicalLocation"] = .object(physical)
    }
    if let path = diagnostic.path {
      object["logicalLocations"] = [["fullyQualifiedName": .string(path), "kind": "member"]]
    }
    return object.isEmpty ? nil : .object(object)
  }

  /// A relative reference, or a `file:` URI for an absolute path. Standard input and flags are no
  /// files.
  private static func uri(_ file: String) -> String? {
    if file.hasPrefix("<") || file.hasPrefix("--") { return nil }
    var path = file[...]
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    var encoded = String.UnicodeScalarView()
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        encoded.append(Unicode.Scalar(byte))
      default: encoded.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
    return (path.hasPrefix("/") ? "file://" : "") + String(encoded)
  }
}

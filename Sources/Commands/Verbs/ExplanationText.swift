import Manifests
import StackModel
import YAMLTree

/// An explanation as a page for a terminal.
struct ExplanationText {
  /// What is explained, with what it is: `KIND` and the kind's name.
  let subject: (label: String, name: String)
  let versions: [String]
  let description: String
  let explanation: Explanation

  private static let width = 88

  init(kind: KindDefinition, explanation: Explanation) {
    subject = ("KIND", kind.kind)
    versions = kind.apiVersions
    description = kind.description
    self.explanation = explanation
  }

  init(file: String, description: String, explanation: Explanation) {
    subject = ("FILE", file)
    versions = []
    self.description = description
    self.explanation = explanation
  }

  var text: String {
    var lines = ["\(subject.label)      \(subject.name)"]
    if let path = explanation.path {
      lines.append("FIELD     \(path)\(explanation.isRequired ? " (required)" : "")")
    } else if !versions.isEmpty {
      lines.append("VERSIONS  \(versions.joined(separator: ", "))")
    }
    lines.append("TYPE      \(Self.type(explanation.types, elements: explanation.elementTypes))")
    if explanation.isDeprecated { lines.append("          deprecated") }
    if let value = explanation.defaultValue { lines.append("DEFAULT   \(value.text())") }
    if !explanation.allowed.isEmpty {
      lines.append("ONE OF    \(explanation.allowed.map { $0.string ?? $0.text() }.joined(separator: ", "))")
    }
    for limit in explanation.limits { lines.append("LIMIT     \(limit)") }
    let about = explanation.path == nil ? description : explanation.description
    if let about { lines += ["", Self.wrap(about, indent: "  ")] }
    if !explanation.examples.isEmpty {
      lines += ["", "EXAMPLES"] + explanation.examples.map { "  \($0.string ?? $0.text())" }
    }
    if !explanation.children.isEmpty {
      lines += ["", "FIELDS"]
      for child in explanation.children { lines.append(Self.describe(child)) }
    }
    if let others = explanation.otherFields {
      lines += ["", "Any other name may be used, with \(Self.type(others, elements: []))."]
    }
    return lines.joined(separator: "\n")
  }

  private static func describe(_ child: Explanation.Child) -> String {
    var head = "  \(child.name)  <\(type(child.types, elements: []))>"
    if child.isRequired { head += "  required" }
    if child.isDeprecated { head += "  deprecated" }
    if let value = child.defaultValue, value.object == nil { head += "  default \(value.text())" }
    guard let description = child.description else { return head }
    return head + "\n" + wrap(description, indent: "      ")
  }

  private static func type(_ types: [String], elements: [String]) -> String {
    guard !types.isEmpty else { return "any" }
    return types.map {
      $0 == "array" && !elements.isEmpty ? "array of \(elements.joined(separator: "|"))" : $0
    }
    .joined(separator: " or ")
  }

  private static func wrap(_ text: String, indent: String) -> String {
    var lines: [String] = []
    var line = indent
    for word in text.split(whereSeparator: \.isWhitespace) {
      if line.count + word.count + 1 > width, line != indent {
        lines.append(line)
        line = indent
      }
      line += line == indent ? String(word) : " \(word)"
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

extension Explanation {
  func json(kind: String) -> JSONValue {
    var object: JSONObject = [
      "kind": .string(kind), "path": .optional(path?.description),
      "types": .array(types.map(JSONValue.string)), "required": .bool(isRequired),
      "deprecated": .bool(isDeprecated), "description": .optional(description),
    ]
    if let defaultValue { object["default"] = defaultValue }
    if !allowed.isEmpty { object["enum"] = .array(allowed) }
    if !examples.isEmpty { object["examples"] = .array(examples) }
    if !limits.isEmpty { object["limits"] = .array(limits.map(JSONValue.string)) }
    object["fields"] = .array(
      children.map { child in
        var fields: JSONObject = [
          "name": .string(child.name), "types": .array(child.types.map(JSONValue.string)),
          "required": .bool(child.isRequired), "description": .optional(child.description),
        ]
        if let value = child.defaultValue { fields["default"] = value }
        return .object(fields)
      }
    )
    return .object(object)
  }
}

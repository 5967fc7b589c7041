import Manifests
import StackModel
import Testing

/// The normal form and `variables.tf` name the same attributes, so that neither changes alone.
struct EcsContractTests {
  /// The shape of a variable: an object's attributes by name, or of what a list or map holds.
  private indirect enum Shape: Equatable {
    case scalar
    case collection(Shape)
    case object([String: Shape])
  }

  private static let goldens = ["normal-form", "good"].flatMap { folder in
    Fixtures.names(in: "AwsEcsService/\(folder)", ending: ".tfvars.json")
      .map { "AwsEcsService/\(folder)/\($0).tfvars.json" }
  }

  @Test(arguments: goldens)
  func `a normal form has the attributes that variables declare`(path: String) throws {
    let values = try JSONValue(parsing: try #require(Fixtures.text(path)))
    let variables = try Self.variables()
    // Passed apart, because it may not be written to a file.
    #expect(Set(values.object?.keys ?? []) == Set(variables.keys).subtracting(["secret_values"]))
    for (name, shape) in variables where name != "secret_values" {
      compare(values[name] ?? .null, shape, at: name)
    }
  }

  private func compare(_ value: JSONValue, _ shape: Shape, at path: String) {
    switch (value, shape) {
    case (.null, _): break
    case (.object(let object), .object(let attributes)):
      #expect(object.keys.sorted() == attributes.keys.sorted(), "\(path)")
      for (key, child) in object { compare(child, attributes[key] ?? .scalar, at: "\(path).\(key)") }
    case (.object(let object), .collection(let element)):
      for (key, child) in object { compare(child, element, at: "\(path)[\(key)]") }
    case (.array(let elements), .collection(let element)):
      for child in elements { compare(child, element, at: "\(path)[]") }
    case (.string, .scalar), (.number, .scalar), (.bool, .scalar): break
    default: Issue.record("\(path) is \(value.text()), which variables.tf does not declare so")
    }
  }

  @Test func `the goldens reach every attribute`() throws {
    let values = try Self.goldens.map { try JSONValue(parsing: Fixtures.text($0) ?? "") }
    for (name, shape) in try Self.variables() where name != "secret_values" {
      reach(values.compactMap { $0[name] }, shape, at: name)
    }
  }

  /// An object or a list that no golden fills would leave its attributes uncompared.
  private func reach(_ values: [JSONValue], _ shape: Shape, at path: String) {
    let present = values.filter { !$0.isNull }
    switch shape {
    case .scalar: break
    case .object(let attributes):
      #expect(!present.isEmpty, "\(path) is null in every golden")
      for (key, child) in attributes { reach(present.compactMap { $0[key] }, child, at: "\(path).\(key)") }
    case .collection(let element):
      let elements = present.flatMap { $0.array ?? $0.object?.members.map(\.value) ?? [] }
      #expect(!elements.isEmpty, "\(path) is empty in every golden")
      reach(elements, element, at: "\(path)[]")
    }
  }

  /// Reads the types in `variables.tf`: `object({...})`, `list(...)`, `map(...)` and names of scalars.
  private static func variables() throws -> [String: Shape] {
    let text = try #require(Fixtures.text("../../templates/AwsEcsService/terraform/variables.tf"))
    var result: [String: Shape] = [:]
    for part in text.split(separator: "variable \"").dropFirst() {
      guard part.contains("\" {"), let type = part.firstRange(of: "  type ") else { continue }
      let name = String(part.prefix { $0 != "\"" })
      let lines = part[type.upperBound...].split(separator: "\n").map { $0.prefix { $0 != "#" } }
      var tokens = tokens(lines.joined(separator: "\n"))[...]
      tokens = tokens.drop { $0 == "=" }
      result[name] = shape(&tokens)
    }
    return result
  }

  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { tokens.append(word) }
      word = ""
      if "(){}=".contains(character) { tokens.append(String(character)) }
    }
    return tokens
  }

  private static func shape(_ tokens: inout ArraySlice<String>) -> Shape {
    switch tokens.popFirst() {
    case "list", "map", "set":
      tokens.removeFirst()
      let element = shape(&tokens)
      tokens.removeFirst()
      return .collection(element)
    case "object":
      tokens.removeFirst(2)
      var attributes: [String: Shape] = [:]
      while let name = tokens.popFirst(), name != "}" {
        tokens.removeFirst()
        attributes[name] = shape(&tokens)
      }
      tokens.removeFirst()
      return .object(attributes)
    default: return .scalar
    }
  }
}

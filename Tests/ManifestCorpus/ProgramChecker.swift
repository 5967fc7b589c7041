package import StackModel

/// Holds a program for Pulumi's YAML runtime against the facts of the providers' SDKs.
///
/// The facts are `Tests/Fixtures/pulumi/facts.json`, which `scripts/pulumi_facts.py` takes from the official
/// packages.
package struct ProgramChecker: Sendable {
  package let facts: JSONValue

  package init(facts: JSONValue) { self.facts = facts }

  private static let resourceKeys: Set = ["type", "name", "defaultProvider", "properties", "options", "get"]
  private static let optionKeys: Set = [
    "additionalSecretOutputs", "aliases", "customTimeouts", "deleteBeforeReplace", "dependsOn",
    "ignoreChanges",
    "import", "parent", "protect", "provider", "providers", "version", "pluginDownloadURL",
    "replaceOnChanges",
    "retainOnDelete", "replaceWith", "deletedWith",
  ]

  /// What is wrong with a program, each with its path; nothing if the SDKs would take it.
  package func problems(in program: JSONValue) -> [String] {
    var walk = Walk(facts: facts, program: program)
    for (key, _) in program.object ?? JSONObject() {
      if !["config", "variables", "resources", "outputs"].contains(key) { walk.report(key, "is no section") }
    }
    for (name, config) in program["config"]?.object ?? JSONObject() {
      if config["type"] != "string" { walk.report("config.\(name)", "is not declared as a string") }
    }
    for (name, variable) in program["variables"]?.object ?? JSONObject() { walk.variable(name, variable) }
    for (name, resource) in program["resources"]?.object ?? JSONObject() { walk.resource(name, resource) }
    walk.check(program["outputs"] ?? [:], "any", at: "outputs", from: nil)
    walk.checkCycles()
    return walk.problems
  }

  private struct Walk {
    let facts: JSONValue
    let program: JSONValue
    var problems: [String] = []
    var dependencies: [String: Set<String>] = [:]

    mutating func report(_ path: String, _ problem: String) { problems.append("\(path) \(problem)") }

    mutating func variable(_ name: String, _ variable: JSONValue) {
      let call = variable["fn::invoke"]
      let token = call?["function"]?.string ?? ""
      guard let function = facts["functions"]?[token] else {
        return report(name, "calls an unknown `\(token)`")
      }
      let package = String(token.prefix { $0 != ":" })
      check(call?["arguments"] ?? [:], shape: function, package, at: name, from: name)
    }

    mutating func resource(_ name: String, _ resource: JSONValue) {
      for (key, _) in resource.object ?? JSONObject() where !ProgramChecker.resourceKeys.contains(key) {
        report("\(name).\(key)", "is no key of a resource")
      }
      for (key, value) in resource["options"]?.object ?? JSONObject() {
        if !ProgramChecker.optionKeys.contains(key) { report("\(name).options.\(key)", "is no option") }
        check(value, "any", at: "\(name).options.\(key)", from: name)
      }
      let token = resource["type"]?.string ?? ""
      guard let type = facts["resources"]?[token] else {
        return report(name, "has the unknown type `\(token)`")
      }
      let parts = token.split(separator: ":")
      let package = String(parts[0] == "pulumi" ? parts[2] : parts[0])
      check(resource["properties"] ?? [:], shape: type, package, at: name, from: name)
    }

    /// An object with named properties.
    mutating func check(
      _ value: JSONValue,
      shape: JSONValue,
      _ package: String,
      at path: String,
      from: String?
    ) {
      guard let object = value.object else { return report(path, "is no object") }
      for (key, member) in object {
        guard let type = shape["properties"]?[key]?.string else {
          report("\(path).\(key)", "is no property")
          continue
        }
        check(member, "\(package) \(type)", at: "\(path).\(key)", from: from)
      }
      for required in shape["required"]?.array?.compactMap(\.string) ?? [] where object[required] == nil {
        report("\(path).\(required)", "is required")
      }
    }

    /// - Parameter typeText: the package, a space and the type, as the facts write it.
    mutating func check(_ value: JSONValue, _ typeText: String, at path: String, from: String?) {
      let halves = typeText.split(separator: " ", maxSplits: 1).map(String.init)
      let (package, type) = halves.count == 2 ? (halves[0], halves[1]) : ("", typeText)
      let alternatives = Self.alternatives(type)
      guard alternatives.count == 1 else {
        return checkUnion(value, alternatives, package, at: path, from: from)
      }
      if value["fn::toJSON"] != nil, value.object?.count == 1 {
        if type != "string" && type != "any" { report(path, "is text, not \(type)") }
        return checkText(in: value, at: path, from: from)
      }
      if case .string(let text) = value, let whole = references(in: text, at: path, from: from) {
        if let given = outputType(whole), given != "any", !Self.fits(given, type) {
          report(path, "is \(given) by `\(text)`, not \(type)")
        }
        return
      }
      switch (type.first, value) {
      case ("[", .array(let elements)):
        let inner = "\(package) \(type.dropFirst().dropLast())"
        for (index, element) in elements.enumerated() {
          check(element, inner, at: "\(path)[\(index)]", from: from)
        }
      case ("{", .object(let object)):
        let inner = "\(package) \(type.dropFirst().dropLast())"
        for (key, member) in object {
          _ = references(in: key, at: path, from: from)
          check(member, inner, at: "\(path).\(key)", from: from)
        }
      case ("#", _): checkNamed(value, String(type.dropFirst()), package, at: path, from: from)
      default:
        switch (type, value) {
        case ("any", _): checkText(in: value, at: path, from: from)
        case ("string", .string), ("boolean", .bool), ("number", .number): break
        case ("integer", .number(let digits)) where Int(digits) != nil: break
        default: report(path, "is \(value.text()), not \(type)")
        }
      }
    }

    private mutating func checkNamed(
      _ value: JSONValue,
      _ name: String,
      _ package: String,
      at path: String,
      from: String?
    ) {
      guard let type = facts["types"]?[package]?[name] else {
        return report(path, "has the unknown type `\(name)`")
      }
      guard let allowed = type["enum"]?.array else {
        return check(value, shape: type, package, at: path, from: from)
      }
      if !allowed.contains(value) { report(path, "is \(value.text()), which `\(name)` does not have") }
    }

    private mutating func checkUnion(
      _ value: JSONValue,
      _ alternatives: [String],
      _ package: String,
      at path: String,
      from: String?
    ) {
      // Text beside an enum takes everything; a literal is held to the enum all the same.
      let enumeration = alternatives.first {
        facts["types"]?[package]?[String($0.dropFirst())]?["enum"] != nil
      }
      if let enumeration, value.string != nil {
        return check(value, "\(package) \(enumeration)", at: path, from: from)
      }
      var best: Walk?
      for alternative in alternatives {
        var trial = self
        trial.check(value, "\(package) \(alternative)", at: path, from: from)
        if best == nil || trial.problems.count < (best?.problems.count ?? 0) { best = trial }
      }
      if let best { self = best }
    }

    /// Every reference in texts and keys, whatever they are in.
    private mutating func checkText(in value: JSONValue, at path: String, from: String?) {
      switch value {
      case .string(let text): _ = references(in: text, at: path, from: from)
      case .array(let elements): for element in elements { checkText(in: element, at: path, from: from) }
      case .object(let object):
        for (key, member) in object {
          if key.lowercased().hasPrefix("fn::"), key != "fn::toJSON" { report(path, "calls `\(key)`") }
          _ = references(in: key, at: path, from: from)
          checkText(in: member, at: "\(path).\(key)", from: from)
        }
      case .null, .bool, .number: break
      }
    }

    /// Checks each `${...}` of a text; the one that is the whole text, if one is.
    private mutating func references(in text: String, at path: String, from: String?) -> String? {
      var rest = text[...]
      var whole: String?
      while let dollar = rest.firstIndex(of: "$") {
        let next = rest.index(after: dollar)
        if next < rest.endIndex, rest[next] == "$" {
          rest = rest[rest.index(after: next)...]
          continue
        }
        guard next < rest.endIndex, rest[next] == "{" else {
          report(path, "has a lone `$`")
          rest = rest[next...]
          continue
        }
        guard let end = rest[next...].firstIndex(of: "}") else {
          report(path, "has an open `${`")
          return nil
        }
        let reference = String(rest[rest.index(after: next)..<end])
        if text == "${\(reference)}" { whole = reference }
        checkReference(reference, at: path, from: from)
        rest = rest[rest.index(after: end)...]
      }
      return whole
    }

    private mutating func checkReference(_ reference: String, at path: String, from: String?) {
      let root = String(reference.prefix { $0 != "." && $0 != "[" })
      guard ["config", "variables", "resources"].contains(where: { program[$0]?[root] != nil }) else {
        return report(path, "refers to `\(root)`, which is not there")
      }
      if let from { dependencies[from, default: []].insert(root) }
      if reference.contains("."), outputType(reference) == nil {
        report(path, "refers to `\(reference)`, no output")
      }
    }

    /// The type of what a reference leads to; nil for no output at all.
    private func outputType(_ reference: String) -> String? {
      let parts = reference.split(separator: ".", maxSplits: 2).map(String.init)
      if program["config"]?[parts[0]] != nil { return parts.count == 1 ? "string" : nil }
      guard parts.count > 1 else { return "any" }
      let type =
        if let token = program["variables"]?[parts[0]]?["fn::invoke"]?["function"]?.string {
          facts["functions"]?[token]
        } else {
          facts["resources"]?[program["resources"]?[parts[0]]?["type"]?.string ?? ""]
        }
      let given = parts[1] == "id" || parts[1] == "urn" ? "string" : type?["outputs"]?[parts[1]]?.string
      return parts.count == 2 ? given : given.map { _ in "any" }
    }

    private static func fits(_ given: String, _ wanted: String) -> Bool {
      given == wanted || wanted == "any"
        || (wanted == "string" && ["integer", "number", "boolean"].contains(given))
    }

    private static func alternatives(_ type: String) -> [String] {
      var depth = 0
      var parts = [""]
      for character in type {
        if "[{".contains(character) { depth += 1 }
        if "]}".contains(character) { depth -= 1 }
        if character == "|", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
      }
      return parts
    }

    mutating func checkCycles() {
      if let cycle = cycle() { report(cycle.joined(separator: " -> "), "is a cycle") }
    }

    private func cycle() -> [String]? {
      var done: Set<String> = []
      var path: [String] = []
      func visit(_ name: String) -> [String]? {
        if let start = path.firstIndex(of: name) { return Array(path[start...]) + [name] }
        guard done.insert(name).inserted else { return nil }
        path.append(name)
        for next in dependencies[name, default: []].sorted() {
          if let found = visit(next) { return found }
        }
        path.removeLast()
        return nil
      }
      for name in dependencies.keys.sorted() {
        if let found = visit(name) { return found }
      }
      return nil
    }
  }
}

package import LocalFiles
package import Manifests
package import StackModel

/// A kind's template for Pulumi as it stands in its folder, read but not yet bound to a manifest.
///
/// Each file is an object with any of `locals` (values by name), `parts`
/// (templates by name), `config`, `variables`, `resources` (lists
/// of entries) and `outputs`; the files count as one. An entry has a `name`, may have a loop `each` and a
/// condition `when`, and everything else in it goes into the program. See `TemplateEvaluator` for what may
/// stand there.
package struct PulumiTemplate: Sendable {
  private var locals = JSONObject()
  private var parts = JSONObject()
  private var entries: [String: [JSONObject]] = [:]
  private var outputs = JSONObject()

  private static let sections = ["config", "variables", "resources"]
  /// How Pulumi's YAML host finds the program beside the project's settings.
  package static let programFile = "Main.json"
  package static let projectFile = "Pulumi.yaml"

  package init(files: [JSONValue]) throws(TemplateError) {
    for file in files {
      for (section, content) in file.object ?? JSONObject() {
        switch (section, content) {
        case ("locals", .object(let values)):
          for (name, value) in values { locals[name] = value }
        case ("parts", .object(let values)):
          for (name, value) in values { parts[name] = value }
        case ("outputs", .object(let values)):
          for (name, value) in values { outputs[name] = value }
        case (_, .array(let list)) where Self.sections.contains(section):
          entries[section, default: []] += list.compactMap(\.object)
        default: throw .template("`\(section)` is no section of a template")
        }
      }
    }
  }

  /// Reads `pulumi/*.json` of a kind's folder.
  package static func read(_ kind: KindDefinition) throws(FileError) -> Result<PulumiTemplate, TemplateError>
  {
    let folder = "\(kind.directory)/pulumi"
    var files: [JSONValue] = []
    for name in try LocalFiles.list(folder).sorted() where name.hasSuffix(".json") {
      let text = String(decoding: try LocalFiles.read("\(folder)/\(name)"), as: UTF8.self)
      guard let file = try? JSONValue(parsing: text) else {
        return .failure(.template("\(folder)/\(name) is not JSON"))
      }
      files.append(file)
    }
    return Result { () throws(TemplateError) in try PulumiTemplate(files: files) }
  }

  /// Binds the template to a manifest's normal form.
  package func program(
    project: String,
    values: JSONValue,
    secrets: [String: [String: Secret]] = [:]
  ) throws(TemplateError) -> PulumiProgram {
    let scope = TemplateScope(values: try PulumiText.escaped(values), locals: .init(locals, parts: parts))
    var document = JSONObject()
    for section in Self.sections {
      let content = try evaluate(entries[section] ?? [], in: scope)
      if !content.isEmpty { document[section] = .object(content) }
    }
    if let outputs = try TemplateEvaluator.evaluate(.object(outputs), in: scope), !outputs.isEmpty {
      document["outputs"] = outputs
    }
    let settings: JSONValue = [
      "name": .string(project),
      "runtime": "yaml",
      "description": "Made by stackjob; the program is in Main.json.",
    ]
    return PulumiProgram(
      settings: settings,
      program: .object(document),
      secrets: secrets.values.joined().sorted { $0.key < $1.key }.map { key, value in
        PulumiProgram.SecretConfig(name: PulumiText.secretName(key), key: key, value: value)
      }
    )
  }

  private func evaluate(_ entries: [JSONObject], in scope: TemplateScope) throws(TemplateError) -> JSONObject
  {
    var result = JSONObject()
    for entry in entries {
      var body = entry
      for key in ["name", "each", "when"] { body[key] = nil }
      guard let name = entry["name"]?.string else { throw .template("an entry has no name") }
      let scopes =
        if let loop = entry["each"]?.string {
          try TemplateEvaluator.scopes(of: loop, when: entry["when"], in: scope)
        } else if let condition = entry["when"]?.string {
          try scope.holds(condition) ? [scope] : []
        } else {
          [scope]
        }
      for scope in scopes {
        let name = try TemplateEvaluator.text(name, in: scope)
        guard result[name] == nil else { throw .template("two entries are called `\(name)`") }
        result[name] = try TemplateEvaluator.evaluate(.object(body), in: scope)
      }
    }
    return result
  }
}

extension PulumiTemplate {
  /// What providers it pins: names and versions of plugins.
  package var plugins: [(name: String, version: String)] {
    let prefix = "pulumi:providers:"
    return (entries["resources"] ?? []).compactMap { entry in
      guard let type = entry["type"]?.string, type.hasPrefix(prefix),
        let version = entry["options"]?["version"]?.string
      else { return nil }
      return (String(type.dropFirst(prefix.count)), version)
    }
  }
}

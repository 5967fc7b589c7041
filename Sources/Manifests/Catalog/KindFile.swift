import StackModel
import YAMLTree

/// A `kind.yaml`, read and checked.
struct KindFile {
  var directory: String
  var view: DecodingView

  /// `kind` is the folder's name, which the file must repeat.
  static func read(directory: String, kind: String) -> (file: KindFile?, diagnostics: [Diagnostic]) {
    let (documents, problems) = YAMLReader.readFile("\(directory)/kind.yaml")
    if problems.hasErrors { return (nil, problems) }
    guard let document = documents.first, documents.count == 1 else {
      let place = SourceLocation(file: "\(directory)/kind.yaml")
      return (nil, [.error("kind.invalid", "expected one document, found \(documents.count)", at: place)])
    }
    guard let schema = KindFileSchema.compiled else { return (nil, KindFileSchema.problems) }
    let (checked, diagnostics) = SchemaChecker.check(document, against: schema)
    let file = KindFile(directory: directory, view: DecodingView(checked))
    if diagnostics.hasErrors { return (nil, diagnostics) }
    let wrong = file.problems(kind: kind)
    return (wrong.isEmpty ? file : nil, diagnostics + wrong)
  }

  private func problems(kind: String) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    if let name = view["kind"], name.string != kind {
      problems.append(name.error("kind.invalid", "the folder is named \(kind); both must be the same"))
    }
    for field in [view["inject"]?["image"], view["inject"]?["version"]].compactMap(\.self) {
      do {
        _ = try FieldPath(parsing: field.string ?? "")
      } catch {
        problems.append(field.error("kind.invalid", error.description))
      }
    }
    return problems
  }

  /// Injection points that the schema does not have.
  func pathsUnknown(to schema: JSONSchema) -> [Diagnostic] {
    [view["inject"]?["image"], view["inject"]?["version"]].compactMap { field in
      guard let field, let path = Self.path(field), schema.lookup(path) == nil else { return nil }
      return field.error("kind.invalid", "`\(path)` is not a field in schema.json")
    }
  }

  private static func path(_ view: DecodingView?) -> FieldPath? {
    view?.string.flatMap { try? FieldPath(parsing: $0) }
  }

  private func text(_ key: String) -> String { view[key]?.string ?? "" }

  var summary: KindSummary {
    KindSummary(
      kind: text("kind"),
      title: text("title"),
      description: text("description"),
      apiVersions: view["apiVersions"]?.strings ?? [],
      provider: text("provider"),
      directory: directory
    )
  }

  func definition(schema: JSONSchema) -> KindDefinition {
    let fields = view["fields"]
    return KindDefinition(
      kind: text("kind"),
      title: text("title"),
      description: text("description"),
      apiVersions: view["apiVersions"]?.strings ?? [],
      provider: text("provider"),
      injectImagePath: Self.path(view["inject"]?["image"]),
      injectVersionPath: Self.path(view["inject"]?["version"]),
      terraformOverrides: (view["terraform"]?["overrides"]?.list ?? []).map { override in
        .init(
          when: override["when"]?.string ?? "",
          file: override["file"]?.string ?? "",
          owned: override["owned"]?.strings ?? []
        )
      },
      outputs: (view["outputs"]?.list ?? []).map { output in
        .init(
          name: output["name"]?.string ?? "",
          description: output["description"]?.string ?? "",
          isSensitive: output["sensitive"]?.bool ?? false
        )
      },
      fieldMap: .init(
        variables: Self.dictionary(fields?["variables"]),
        resources: Self.dictionary(fields?["resources"])
      ),
      directory: directory,
      schema: schema
    )
  }

  private static func dictionary(_ view: DecodingView?) -> [String: String] {
    Dictionary((view?.stringMap ?? []).map { ($0.key, $0.value) }) { first, _ in first }
  }
}

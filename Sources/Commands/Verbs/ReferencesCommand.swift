import ArgumentParser
import Manifests
import Presentation
import ReferenceSources
import References
import StackModel
import YAMLTree

struct ReferencesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "references",
    abstract: "Show what stands behind the references of manifests, and where it comes from.",
    discussion: """
      Asks the files of --references and then the sources of the settings, as a plan would. Values of \
      secrets are never shown. Ends with 65 when a reference stays open.

      EXAMPLES
        stackjob references service.yaml
        stackjob references service.yaml --references groups.yaml --output json
      """
  )

  enum Form: String, CaseIterable, ExpressibleByArgument { case text, json }

  @OptionGroup var manifests: ManifestOptions

  @Option(name: .shortAndLong, help: "text or json.")
  var output: Form = .text

  func run() async throws {
    let session = try Session.open(templates: manifests.templates)
    var (loaded, problems) = ManifestLoading.load(
      manifests,
      catalog: session.catalog,
      keepsSecretVariables: session.settings.keepsSecretVariables,
      needsImage: false,
      resolves: false
    )
    try Console.require(problems)
    let setup = ReferenceSetup(session: session)
    let sources = try Console.get(setup.sources(files: manifests.references))
    let uses = loaded.map { ($0, $0.referenceUses) }
    let wanted = Set(uses.flatMap { $0.1.map(\.reference) })
    let answers = await ReferenceResolver(sources: sources).resolve(wanted)
    let rows = uses.flatMap { manifest, uses in uses.map { Row(manifest, $0, answers[$0.reference]) } }
    switch output {
    case .json: Console.write(JSONValue.array(rows.map(\.json)).bytes(.pretty))
    case .text: tell(rows)
    }
    problems = rows.compactMap(\.problem)
    Console.show(problems)
    guard problems.hasErrors else { return }
    throw Console.exitCode(for: problems).thrown
  }

  private func tell(_ rows: [Row]) {
    guard !rows.isEmpty else { return Console.print("no references") }
    var file: String?
    for row in rows {
      if row.file != file {
        Console.print("\(row.file): \(row.manifest)")
        file = row.file
      }
      Console.print(SafeText.line("  \(row.path)"))
      let state = row.source.map { "\(row.shown ?? Secret.mask), from \($0)" } ?? "open"
      Console.print(SafeText.line("    \(row.reference) = \(state)"))
    }
  }
}

/// One reference where it stands, and what is known of it.
private struct Row {
  var file: String
  var manifest: String
  var path: String
  var reference: String
  var source: String?
  /// Nil for secrets, and for what is open.
  var shown: String?
  var isSecret: Bool
  var problem: Diagnostic?

  init(
    _ manifest: Manifest,
    _ use: ReferenceUse,
    _ answer: Result<ReferenceResolver.Found, ReferenceFailure>?
  ) {
    file = manifest.file
    self.manifest = "\(manifest.kind.kind) \(manifest.name)"
    path = use.path.description
    reference = use.reference.description
    isSecret = use.reference.kind == .secrets
    switch answer {
    case .success(let found)?:
      source = found.source
      if case .text(let text) = found.value { shown = text }
    case .failure(let failure)?: problem = failure.diagnostic(at: use)
    case nil: break
    }
  }

  var json: JSONValue {
    [
      "file": .string(file), "manifest": .string(manifest), "path": .string(path),
      "reference": .string(reference), "status": .string(source == nil ? "open" : "resolved"),
      "source": source.map { .string($0) } ?? .null, "secret": .bool(isSecret),
      "value": shown.map { .string($0) } ?? (source == nil ? .null : .string(Secret.mask)),
      "problem": problem.map { .string($0.message) } ?? .null,
    ]
  }
}

import Deployment
import LocalFiles
import Manifests
import Presentation
import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Repositories with one mistake each, and what is said of it.
///
/// A fixture is one text: each file begins with a line `-- path --`. Lines before the first are options:
/// `folder`, `branch`, `environments`. What the fixture does not have is taken from `_good.repo`; a file whose
/// text is `(absent)` is left out. kustomize's own words differ between its versions and stand as `(kustomize)`.
@Suite struct BadRepositoryTests {
  private static let folder = "\(Fixture.root)/Tests/Fixtures/BadRepositories"

  private static func names() -> [String] {
    ((try? LocalFiles.list(folder)) ?? []).filter { $0.hasSuffix(".repo") && $0 != "_good.repo" }
      .map { String($0.dropLast(5)) }
  }

  @Test(arguments: names()) func `a mistake is told with its place and what to do`(_ name: String)
    async throws
  {
    let found = try await problems(of: name)
    #expect(found.hasErrors, "nothing was found")
    try Fixture.expect(try await text(found), toBe: "\(Self.folder)/\(name).golden")
  }

  @Test func `there are at least thirty`() { #expect(Self.names().count >= 30) }

  @Test func `what all of them are made from is in order`() async throws {
    #expect(try await problems(of: "_good").map(\.message) == [])
  }

  @Test func `kustomize's own message is kept`() async throws {
    for (name, words) in [
      ("patch-object-missing", "no matches for Id"), ("patch-field-missing", "missing path"),
      ("patch-file-missing", "no such file"), ("kustomization-unknown-field", "unknown field"),
    ] {
      let messages = try await problems(of: name).map(\.message).joined(separator: "\n")
      #expect(messages.contains(words), "\(name): \(messages)")
      #expect(!messages.contains("command failed") && !messages.contains("/tmp/"), "\(messages)")
    }
  }

  private func text(_ problems: [Diagnostic]) async throws -> String {
    let start = "kustomize cannot build the overlay: "
    let masked = problems.inReadingOrder().map { problem in
      var problem = problem
      if problem.message.hasPrefix(start) { problem.message = start + "(kustomize)" }
      problem.hint = problem.hint?.replacing("kubectl kustomize", with: "kustomize build")
      return problem
    }
    return DiagnosticText.render(masked, source: { _ in nil }, style: .plain)
  }

  private func problems(of name: String) async throws -> [Diagnostic] {
    let good = try Repository(parsing: try #require(LocalFiles.text("\(Self.folder)/_good.repo")))
    let own = try Repository(parsing: try #require(LocalFiles.text("\(Self.folder)/\(name).repo")))
    return try await Fixture.inFolder { folder in
      for (path, text) in good.files.merging(own.files, uniquingKeysWith: { $1 }) where text != "(absent)\n" {
        try Fixture.write("\(folder)/\(path)", text)
      }
      if own.options["folder"] == nil { try LocalFiles.makeFolder("\(folder)/service") }
      let found = try await check("\(folder)/\(own.options["folder"] ?? "service")", own.options)
      return found.map { problem in
        var problem = problem
        problem.message = problem.message.replacing("\(folder)/", with: "")
        problem.hint = problem.hint?.replacing("\(folder)/", with: "")
        let file = problem.location?.file.replacing("\(folder)/", with: "")
        if let file { problem.location?.file = file }
        return problem
      }
    }
  }

  private func check(_ folder: String, _ options: [String: String]) async throws -> [Diagnostic] {
    let repository: ServiceRepository
    switch ServiceRepository.find(folder) {
    case .success(let found): repository = found
    case .failure(let failure): return failure.diagnostics
    }
    let stops = ChildStops()
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let tool = try await KustomizeTool.find(environment: ["PATH": path, "HOME": "/tmp"], stops: stops).get()
    let catalog = KindCatalog(roots: ["\(Fixture.root)/templates"])
    let selection = OverlaySelection(
      branch: options["branch"],
      environments: options["environments"]?.split(separator: ",").map(String.init) ?? []
    )
    let overlays = await repository.build(by: tool, catalog: catalog, stops: stops)
    return repository.problems + repository.unknownEnvironments(selection)
      + ServiceRepository.select(overlays, selection).flatMap(\.problems)
  }
}

/// The text form of a fixture.
private struct Repository {
  var options: [String: String] = [:]
  var files: [String: String] = [:]

  init(parsing text: String) throws {
    var path: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("-- "), line.hasSuffix(" --") {
        path = String(line.dropFirst(3).dropLast(3))
        files[path ?? ""] = ""
      } else if let path {
        files[path, default: ""] += line + "\n"
      } else if let colon = line.firstIndex(of: ":") {
        options[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
      }
    }
  }
}

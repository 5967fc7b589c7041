import ArgumentParser
import Deployment
import LocalFiles
import StackModel
import YAMLTree

struct DotEnv: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dot-env",
    abstract: "Write the variables of the `local` overlay to .env and .env_export.",
    discussion: """
      .env is for Docker Compose and dotenv libraries, .env_export for `source` in a shell. Both are readable by \
      their owner alone. They may hold secrets: git should ignore them, and you are told when it does not.

      EXAMPLES
        stackjob dot-env
        stackjob dot-env --set API_KEY=test-key --set DEBUG=true
        stackjob dot-env --env dev --references references/groups.yaml --ignore
        source .env_export
      """
  )

  @OptionGroup var options: LocalEnvironmentOptions

  @Option(
    help: ArgumentHelp("Where the two files are written.", valueName: "folder"),
    completion: .directory
  )
  var out = "."

  @Flag(help: "Add the two files to .gitignore where git does not ignore them.")
  var ignore = false

  @Flag(help: "Write over files that dot-env has not written.")
  var force = false

  func run() async throws {
    let session = try Session.open(templates: options.templates)
    let stops = ChildStops()
    SignalWatch.start { _ in stops.stop() }
    guard LocalFiles.isFolder(out) else { throw ValidationError("--out \(out): there is no such folder") }
    let loading = try await LocalEnvironmentLoading.load(options, session: session, stops: stops)
    try Console.require(loading.problems + leftOut(loading))
    try refuseForeign()

    let all = loading.entries.compactMap { entry in Self.revealed(entry).map { (entry.name, $0) } }
    let values = all.filter { DotEnvFile.isKey($0.0) }
    let shellValues = values.filter { DotEnvFile.isName($0.0) }
    let (text, misread) = DotEnvFile.dotenv(values)
    let exposed = await GitIgnore.exposed(
      DotEnvFile.names,
      in: out,
      environment: session.environment,
      stops: stops
    )
    if stops.isStopped { throw StackModel.ExitCode.cancelled.thrown }
    do throws(FileError) {
      // Ignored first: nobody commits what is not there yet.
      if ignore, !exposed.isEmpty { try GitIgnore.add(exposed, to: out) }
      try LocalFiles.replace(path(".env"), with: Array(text.utf8))
      try LocalFiles.replace(path(".env_export"), with: Array(DotEnvFile.export(shellValues).utf8))
    } catch {
      try Console.require([.error("dotenv.write", "\(error)", at: SourceLocation(file: out))])
    }
    for name in DotEnvFile.names { Console.print(path(name)) }
    Console.show(warnings(all.map(\.0), misread, exposed: ignore ? [] : exposed))
  }

  private func path(_ name: String) -> String { out == "." ? name : "\(out)/\(name)" }

  private static func revealed(_ entry: EnvironmentEntry) -> String? {
    switch entry.value {
    case .text(let text): text
    case .secret(let secret): secret.reveal()
    case .missing: nil
    }
  }

  /// What is kept where the service runs.
  private func leftOut(_ loading: LocalEnvironmentLoading) -> [Diagnostic] {
    loading.entries.compactMap { entry in
      guard case .missing(let reason) = entry.value, reason != EnvironmentReader.unresolved else {
        return nil
      }
      return .warning(
        "dotenv.left-out",
        "`\(entry.name)` is left out: \(reason)",
        at: loading.sources.location(of: entry.path) ?? SourceLocation(file: loading.overlay.path),
        path: entry.path.description,
        hint: "give one with --set \(entry.name)=VALUE"
      )
    }
  }

  /// A file that a person wrote is not ours to replace.
  private func refuseForeign() throws {
    guard !force else { return }
    let problems = DotEnvFile.names.map(path).filter { file in
      guard LocalFiles.exists(file) else { return false }
      return LocalFiles.text(file)?.hasPrefix(DotEnvFile.mark) != true
    }.map { file in
      Diagnostic.error(
        "dotenv.exists",
        "the file is there and was not written by dot-env",
        at: SourceLocation(file: file),
        hint: "--force writes over it; --out writes elsewhere"
      )
    }
    try Console.require(problems)
  }

  private func warnings(
    _ names: [String],
    _ misread: [String: [DotEnvFile.Reader]],
    exposed: [String]
  ) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    for name in names where !DotEnvFile.isName(name) {
      warnings.append(
        .warning(
          "dotenv.name",
          DotEnvFile.isKey(name)
            ? "`\(name)` is no name that a shell takes, and is in .env alone"
            : "`\(name)` is no name that readers of .env take, and is left out",
          at: SourceLocation(file: path(DotEnvFile.isKey(name) ? ".env_export" : ".env"))
        )
      )
    }
    for name in names {
      guard let readers = misread[name] else { continue }
      warnings.append(
        .warning(
          "dotenv.misread",
          "\(readers.map(\.rawValue).joined(separator: " and ")) reads another value of `\(name)` from .env",
          at: SourceLocation(file: path(".env")),
          hint: readers.contains(.shell)
            ? "a shell reads .env_export"
            : "for `${` turn interpolation off: load_dotenv(interpolate=False)"
        )
      )
    }
    if !exposed.isEmpty {
      let lines = exposed.map { "'\($0)'" }.joined(separator: " ")
      warnings.append(
        .warning(
          "dotenv.not-ignored",
          "git would commit \(exposed.joined(separator: " and "))",
          at: SourceLocation(file: path(exposed[0])),
          hint: "run it with --ignore, or: printf '%s\\n' \(lines) >> \(path(".gitignore"))"
        )
      )
    }
    return warnings
  }
}

import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

/// The built binary in a home of one test's own.
final class Product: Sendable {
  /// Gone after the test.
  let folder: String
  private let environment: [String: String]
  /// What the commands printed, under the command and the stream.
  private let printed = Mutex<[(path: String, bytes: [UInt8])]>([])

  var stateHome: String { "\(folder)/state" }

  private init(folder: String, environment: [String: String]) {
    self.folder = folder
    self.environment = environment
  }

  static func run(
    environment: [String: String] = [:],
    _ body: (Product) async throws -> Void
  ) async throws {
    let folder = "/tmp/stackjob-e2e-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder("\(folder)/user")
    defer { try? LocalFiles.removeTree(folder) }
    let base = [
      "PATH": Project.path, "HOME": "\(folder)/user", "STACKJOB_STATE_HOME": "\(folder)/state",
      "STACKJOB_HOME": Project.root,
    ]
    let product = Product(folder: folder, environment: base.merging(environment) { $1 })
    try await Turnstile.products.pass { try await body(product) }
  }

  /// Awaits the end of an engine whose stackjob was killed.
  static func end(ofEngine pid: Int) async throws {
    while ProcessIdentity.of(pid: pid) != nil { try await Task.sleep(for: .milliseconds(20)) }
  }

  struct Result: Sendable {
    var exit: ToolExit
    var stdout: String
    var stderr: String

    /// The one document of `--output json`.
    func document() throws -> JSONValue { try JSONValue(parsing: stdout) }

    /// The first job of the document.
    func job() throws -> JSONValue { try #require(try document()["jobs"]?[0]) }

    /// The events of `--output ndjson`, each held against the published schema.
    func events() throws -> [JSONValue] {
      try stdout.split(separator: "\n").map { line in
        #expect(try EventSchema.problems(String(line)).isEmpty, "\(line)")
        return try JSONValue(parsing: String(line))
      }
    }
  }

  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try LocalFiles.makeFolder(LocalFiles.parent(of: path))
    try LocalFiles.replace(path, with: Array(text.utf8))
    return path
  }

  /// - Parameter when: called for each line of standard output; may ask for a stop.
  func callAsFunction(
    _ arguments: String...,
    environment extra: [String: String] = [:],
    stop: StopSwitch = StopSwitch(),
    when: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    try await run(arguments, environment: extra, stop: stop, when: when)
  }

  /// Runs a command of the shell in which `"$0"` is the binary.
  func shell(_ command: String, environment extra: [String: String] = [:]) async throws -> Result {
    try await run(["-c", command, Project.binary], executable: "/bin/sh", environment: extra)
  }

  func run(
    _ arguments: [String],
    executable: String = Project.binary,
    environment extra: [String: String] = [:],
    stop: StopSwitch = StopSwitch(),
    onStart: @escaping @Sendable (Int) -> Void = { _ in },
    when: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    let text = Mutex((stdout: "", stderr: ""))
    let outcome = try await ToolRunner.run(
      ToolInvocation(
        tool: "stackjob",
        version: "",
        executable: executable,
        arguments: arguments,
        environment: environment.merging(extra) { $1 },
        workingDirectory: folder
      ),
      stop: stop,
      onStart: onStart,
      onLine: { line in
        text.withLock {
          switch line.stream {
          case .stdout: $0.stdout += line.line.text + "\n"
          case .stderr: $0.stderr += line.line.text + "\n"
          }
        }
        if line.stream == .stdout { when(line.line.text) }
      }
    )
    let result = text.withLock { Result(exit: outcome.exit, stdout: $0.stdout, stderr: $0.stderr) }
    let command = arguments.joined(separator: " ")
    printed.withLock {
      $0.append(("standard output of \(command)", Array(result.stdout.utf8)))
      $0.append(("standard error of \(command)", Array(result.stderr.utf8)))
    }
    return result
  }

  /// Every byte that came out: files below the test's folder and what the commands printed.
  func everything() throws -> [(path: String, bytes: [UInt8])] {
    try contents(folder) + printed.withLock { $0 }
  }

  private func contents(_ folder: String) throws -> [(path: String, bytes: [UInt8])] {
    var found: [(path: String, bytes: [UInt8])] = []
    for name in try LocalFiles.list(folder) {
      let path = "\(folder)/\(name)"
      if LocalFiles.isFolder(path) {
        // The provider's own binary, in the sandbox's mirror and by link from there, takes minutes to search.
        if name != "providers", !name.hasPrefix("mirror-") { found += try contents(path) }
      } else if LocalFiles.isFile(path) {
        found.append((path, try LocalFiles.read(path)))
      }
    }
    return found
  }
}

/// Fails with what the command said, which is what one wants to read then.
func expect(
  _ result: Product.Result,
  _ code: ExitCode,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(
    result.exit == .code(Int(code.rawValue)),
    "stdout:\n\(result.stdout.suffix(4000))\nstderr:\n\(result.stderr.suffix(4000))",
    sourceLocation: sourceLocation
  )
}

import LocalFiles
import SandboxMirror
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The real Terraform with a mirror of sandbox providers, in a folder of one test's own.
final class SandboxedTerraform: Sendable {
  struct Result: Sendable {
    var exit: ToolExit
    var output: String

    func json() throws -> JSONValue { try JSONValue(parsing: output) }
  }

  let folder: String
  var statePath: String { "\(folder)/world.json" }

  private init(folder: String) { self.folder = folder }

  static let root: String = {
    var folder = LocalFiles.absolute(#filePath)
    while folder != "/", !LocalFiles.isFile("\(folder)/Package.swift") {
      folder = LocalFiles.parent(of: folder)
    }
    return folder
  }()

  /// Built together with these tests.
  static let binary =
    "\(LocalFiles.parent(of: LocalFiles.absolute("/proc/self/exe")))/terraform-provider-sandbox"

  private static let path =
    "\(root)/.tools/bin:\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")"

  /// Never in CI, where what is missing has to fail.
  static let isMissing = getenv("CI") == nil && ExecutableFinder.find("terraform", path: path) == nil

  /// - Parameter fixture: name of a configuration below `Tests/Fixtures/sandbox`.
  static func run(_ fixture: String, _ body: (SandboxedTerraform) async throws -> Void) async throws {
    let folder = "/tmp/stackjob-sandbox-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder("\(folder)/sockets")
    defer { try? LocalFiles.removeTree(folder) }
    _ = try SandboxMirror.install(
      into: "\(folder)/mirror",
      binary: binary,
      providerRoots: ["\(root)/providers"]
    )
    let text = try LocalFiles.read("\(root)/Tests/Fixtures/sandbox/\(fixture)")
    try LocalFiles.replace("\(folder)/main.tf", with: text)
    let terraform = SandboxedTerraform(folder: folder)
    try await body(terraform)
  }

  /// What the sandbox keeps, for a test to look at.
  func world() throws -> JSONValue { try JSONValue(parsing: LocalFiles.read(statePath)) }

  @discardableResult
  func callAsFunction(
    _ arguments: String...,
    environment extra: [String: String] = [:],
    expecting code: Int? = 0,
    stop: StopSwitch = StopSwitch(),
    when: @escaping @Sendable (String) -> Void = { _ in },
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws -> Result {
    let executable = try #require(ExecutableFinder.find("terraform", path: Self.path))
    let text = Mutex((out: "", error: ""))
    let environment = [
      "PATH": Self.path, "HOME": folder, "TMPDIR": "\(folder)/sockets", "CHECKPOINT_DISABLE": "1",
      "TF_CLI_CONFIG_FILE": SandboxMirror.cliConfiguration(in: "\(folder)/mirror"),
      "STACKJOB_SANDBOX_STATE": statePath, "TF_VAR_password": "hunter2-never-kept", "TF_IN_AUTOMATION": "1",
    ]
    let outcome = try await ToolRunner.run(
      ToolInvocation(
        tool: "terraform",
        version: "",
        executable: executable,
        arguments: arguments,
        environment: environment.merging(extra) { $1 },
        workingDirectory: folder
      ),
      stop: stop,
      onLine: { line in
        text.withLock {
          switch line.stream {
          case .stdout: $0.out += line.line.text + "\n"
          case .stderr: $0.error += line.line.text + "\n"
          }
        }
        when(line.line.text)
      }
    )
    let (out, error) = text.withLock { ($0.out, $0.error) }
    if let code {
      #expect(
        outcome.exit == .code(code),
        "\(out.suffix(3000))\(error.suffix(3000))",
        sourceLocation: sourceLocation
      )
    }
    return Result(exit: outcome.exit, output: error.isEmpty ? out : out + error)
  }

  /// `terraform plan`, and the actions it plans by address; those that do nothing are left out.
  func plan(_ arguments: String..., environment: [String: String] = [:]) async throws -> [String: [String]] {
    let extra = arguments.map { "-var=\($0)" }
    try await run(["plan", "-input=false", "-out=plan"] + extra, environment)
    var actions: [String: [String]] = [:]
    for change in try await self("show", "-json", "plan", environment: environment).json()[
      "resource_changes"
    ]?.array ?? [] {
      let names = change["change"]?["actions"]?.array?.compactMap(\.string) ?? []
      if names != ["no-op"] { actions[change["address"]?.string ?? ""] = names }
    }
    return actions
  }

  private func run(_ arguments: [String], _ environment: [String: String]) async throws {
    // Each call has a list of its own, so that a test's own calls read as a command line.
    switch arguments.count {
    case 3: try await self(arguments[0], arguments[1], arguments[2], environment: environment)
    case 4: try await self(arguments[0], arguments[1], arguments[2], arguments[3], environment: environment)
    default: Issue.record("a plan takes one variable at most")
    }
  }
}

import Digests
import Engines
import LocalFiles
import ProviderHost
import SandboxMirror
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

/// The real Terraform on one module, in two folders: left to itself in one, behind a host in the other.
final class HostedTerraform: Sendable {
  struct Result: Sendable {
    var exit: ToolExit
    var output: String
    /// Nothing where Terraform was left to itself.
    var statistics = HostStatistics()
    var events: [HostEvent] = []
  }

  enum Way: String, CaseIterable { case plain, hosted }

  /// A provider that the module uses.
  struct Provider: Sendable {
    var source: String
    var version: String
  }

  let folder: String
  private let cliConfiguration: String
  private let mirror: String
  private let providers: [Provider]
  private let environment: @Sendable (Way) -> [String: String]

  private init(
    folder: String,
    cliConfiguration: String,
    mirror: String,
    providers: [Provider],
    environment: @escaping @Sendable (Way) -> [String: String]
  ) {
    self.folder = folder
    self.cliConfiguration = cliConfiguration
    self.mirror = mirror
    self.providers = providers
    self.environment = environment
  }

  static let root: String = {
    var folder = LocalFiles.absolute(#filePath)
    while folder != "/", !LocalFiles.isFile("\(folder)/Package.swift") {
      folder = LocalFiles.parent(of: folder)
    }
    return folder
  }()

  static let binary =
    "\(LocalFiles.parent(of: LocalFiles.absolute("/proc/self/exe")))/terraform-provider-sandbox"

  static let path =
    "\(root)/.tools/bin:\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")"

  static let isCI = getenv("CI") != nil

  /// Never in CI, where what is missing has to fail.
  static let isMissing = !isCI && ExecutableFinder.find("terraform", path: path) == nil

  static let kubernetes = Provider(source: "registry.terraform.io/hashicorp/kubernetes", version: "3.2.1")
  static let aws = Provider(source: "registry.terraform.io/hashicorp/aws", version: "5.100.0")

  /// A folder with the real AWS provider, unpacked.
  static let awsMirror = ProviderMirrors.find(configured: [], home: "/nonexistent", dataHome: nil).mirrors
    .first { LocalFiles.isFolder("\($0.path)/\(aws.source)/\(aws.version)") }?.path

  /// With the sandbox for all providers.
  ///
  /// - Parameter module: text of the module's one file.
  static func sandboxed(
    _ module: [UInt8],
    _ providers: [Provider],
    body: (HostedTerraform) async throws -> Void
  ) async throws {
    try await Scratch.folder { folder in
      _ = try SandboxMirror.install(
        into: "\(folder)/mirror",
        binary: binary,
        providerRoots: ["\(root)/providers"]
      )
      let terraform = HostedTerraform(
        folder: folder,
        cliConfiguration: SandboxMirror.cliConfiguration(in: "\(folder)/mirror"),
        mirror: "\(folder)/mirror",
        providers: providers,
        environment: { _ in ["TF_VAR_password": "hunter2-never-kept"] }
      )
      try await terraform.prepare(module)
      try await body(terraform)
    }
  }

  /// With real providers.
  ///
  /// - Parameters:
  ///   - mirror: a folder that holds them unpacked.
  ///   - environment: what the providers need; each way has a world of its own.
  static func real(
    _ module: [UInt8],
    _ providers: [Provider],
    mirror: String,
    environment: @escaping @Sendable (Way) -> [String: String],
    body: (HostedTerraform) async throws -> Void
  ) async throws {
    try await Scratch.folder { folder in
      try LocalFiles.replace(
        "\(folder)/terraform.rc",
        with: Array("provider_installation {\n  filesystem_mirror {\n    path = \"\(mirror)\"\n  }\n}\n".utf8)
      )
      let terraform = HostedTerraform(
        folder: folder,
        cliConfiguration: "\(folder)/terraform.rc",
        mirror: mirror,
        providers: providers,
        environment: environment
      )
      try await terraform.prepare(module)
      try await body(terraform)
    }
  }

  /// Puts another module in the place of the first, both ways.
  func change(to module: String) throws {
    for way in Way.allCases { try LocalFiles.replace("\(folder)/\(way)/main.tf", with: Array(module.utf8)) }
  }

  private func prepare(_ module: [UInt8]) async throws {
    for way in Way.allCases {
      try LocalFiles.makeFolder("\(folder)/\(way)")
      try LocalFiles.replace("\(folder)/\(way)/main.tf", with: module)
      try await run(way, ["init", "-input=false"], isHosted: false)
    }
  }

  // MARK: Running

  /// Runs a command in both ways.
  @discardableResult
  func both(
    _ arguments: [String],
    environment: [String: String] = [:],
    expecting code: Int = 0
  ) async throws -> (plain: Result, hosted: Result) {
    let plain = try await run(.plain, arguments, environment: environment, expecting: code)
    return (plain, try await run(.hosted, arguments, environment: environment, expecting: code))
  }

  /// - Parameters:
  ///   - pool: where processes come from; nil to start them on demand.
  ///   - spares: where a started one may be had.
  ///   - keep: what the schema is pruned to; nil for what stands in module and state.
  ///   - isHosted: false for what Terraform has to do by itself, which is to install.
  ///   - when: called with each line; what it returns true for interrupts Terraform.
  @discardableResult
  func run(
    _ way: Way,
    _ arguments: [String],
    environment extra: [String: String] = [:],
    expecting code: Int? = 0,
    pool: ProviderPool? = nil,
    spares: SpareSource? = nil,
    keep: Set<String>? = nil,
    isHosted: Bool? = nil,
    interrupt when: @escaping @Sendable (String) -> Bool = { _ in false }
  ) async throws -> Result {
    let own = "\(folder)/\(way)"
    var variables = [
      "PATH": Self.path, "HOME": folder, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": cliConfiguration,
      "STACKJOB_SANDBOX_STATE": "\(own)/world.json", "TF_IN_AUTOMATION": "1",
    ]
    variables.merge(environment(way)) { $1 }
    variables.merge(extra) { $1 }
    let events = Mutex<[HostEvent]>([])
    var host: ProviderHost?
    if isHosted ?? (way == .hosted) {
      host = try await ProviderHost.start(
        providers: try hostedProviders(),
        environment: variables,
        workingDirectory: own,
        cache: try cache(),
        pool: pool,
        spares: spares,
        keep: try keep ?? typesInUse(own),
        folder: folder,
        report: { event in events.withLock { $0.append(event) } }
      )
    }
    variables["TF_REATTACH_PROVIDERS"] = host?.reattach
    let outcome = await Swift.Result { try await self.terraform(arguments, variables, own, when) }
    await host?.stop()
    var result = try outcome.get()
    result.statistics = host?.statistics ?? HostStatistics()
    result.events = events.withLock { $0 }
    if let code {
      #expect(
        result.exit == .code(code),
        "\(arguments) \(way): \(result.output.suffix(4000)) \(result.events)"
      )
    }
    return result
  }

  private func terraform(
    _ arguments: [String],
    _ environment: [String: String],
    _ folder: String,
    _ when: @escaping @Sendable (String) -> Bool
  ) async throws -> Result {
    let executable = try #require(ExecutableFinder.find("terraform", path: Self.path))
    let text = Mutex("")
    let stop = StopSwitch()
    let outcome = try await ToolRunner.run(
      ToolInvocation(
        tool: "terraform",
        version: "",
        executable: executable,
        arguments: arguments,
        environment: environment,
        workingDirectory: folder
      ),
      stop: stop,
      onLine: { line in
        text.withLock { $0 += line.line.text + "\n" }
        if when(line.line.text) { stop.requestStop() }
      }
    )
    return Result(exit: outcome.exit, output: text.withLock { $0 })
  }

  func cache() throws -> ProviderCache { try ProviderCache(folder: "\(folder)/cache") }

  func hostedProviders() throws -> [HostedProvider] {
    let digests = FileDigests(cache: try cache())
    return try providers.map { provider in
      let versions = "\(mirror)/\(provider.source)/\(provider.version)"
      let package = "\(versions)/\(try #require(LocalFiles.list(versions).first))"
      let name = try #require(LocalFiles.list(package).first { $0.hasPrefix("terraform-provider-") })
      return HostedProvider(
        source: provider.source,
        executable: "\(package)/\(name)",
        identity: try PackageHash.h1(of: package, digest: digests.digest)
      )
    }
  }

  private func typesInUse(_ folder: String) throws -> Set<String> {
    let names = ["main.tf", "terraform.tfstate"].filter { LocalFiles.isFile("\(folder)/\($0)") }
    return TypesInUse.words(in: try names.map { try LocalFiles.read("\(folder)/\($0)") })
  }

  // MARK: Comparing

  /// A saved plan without what differs between any two runs.
  func plan(_ way: Way, _ name: String = "plan") async throws -> JSONValue {
    let shown = try await run(way, ["show", "-json", name])
    var plan = try #require(JSONValue(parsing: shown.output).object)
    plan["timestamp"] = nil
    return try JSONValue(parsing: Self.masked(Self.ordered(.object(plan)).text()))
  }

  /// A state without what differs between any two runs. Its serial does: Terraform counts an intermediate
  /// state only once something was made, which depends on how parallel work interleaves.
  func state(_ way: Way) throws -> JSONValue {
    var state = try #require(JSONValue(parsing: LocalFiles.read("\(folder)/\(way)/terraform.tfstate")).object)
    state["lineage"] = nil
    state["serial"] = nil
    return try JSONValue(parsing: Self.masked(Self.ordered(.object(state)).text()))
  }

  /// With the lists sorted that Terraform writes in random order, in plain runs too.
  private static func ordered(_ json: JSONValue) -> JSONValue {
    switch json {
    case .array(let elements): return .array(elements.map(ordered))
    case .object(let object):
      let members = object.members.map { key, value in
        let value = ordered(value)
        guard ["relevant_attributes", "sensitive_attributes"].contains(key), let list = value.array else {
          return (key, value)
        }
        return (key, .array(list.sorted { $0.text() < $1.text() }))
      }
      return .object(JSONObject(members))
    default: return json
    }
  }

  /// Without what a service makes up: numbers, times, the end of a generated name, and versions that
  /// count changes, which Terraform makes in an order of its own.
  static func masked(_ text: String) -> String {
    text.replacing(/("?resource_version"? *[:=] *)"[0-9]+"/) { "\($0.output.1)\"N\"" }
      .replacing(/"web-[0-9a-z]{5}"/, with: #""web-NAME""#)
      .replacing(/shop\/web-[0-9a-z]{5}"/, with: #"shop/web-NAME""#)
      .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UUID")
      .replacing(/[0-9a-f]{12,}/, with: "HEX")
      .replacing(/AROA[A-Z0-9]+/, with: "ROLE")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "TIME")
  }

  /// What Terraform said, without the times that it took and the order in which parallel work ended.
  static func said(_ output: String) -> [String] {
    output.split(separator: "\n").map { line in
      masked(String(line)).replacing(/[0-9]+m?[0-9]*s( |\]|$)/, with: "TIME ")
        .replacing(/\/tmp\/stackjob-host-[0-9]+\/(plain|hosted)/, with: "FOLDER")
    }
    .sorted()
  }

  /// The diagnostics of a command that was run with `-json`.
  static func diagnostics(_ output: String) -> [String] {
    output.split(separator: "\n").compactMap { line in
      guard let json = try? JSONValue(parsing: String(line)), json["type"] == "diagnostic" else { return nil }
      return json["diagnostic"].map { said($0.text()).joined() }
    }
    .sorted()
  }
}

extension Swift.Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

import LocalFiles
package import PluginWire
import StackModel

/// Where a sandbox process finds what it plays and where it keeps things.
package struct SandboxSettings: Sendable {
  /// Path of the JSON file with all that exists.
  package static let stateVariable = "STACKJOB_SANDBOX_STATE"
  /// Faults as JSON text, or the path of a file with it.
  package static let faultsVariable = "STACKJOB_SANDBOX_FAULTS"

  /// 5 or 6: the only protocol version to speak. Both, when it is not set.
  package static let protocolVariable = "STACKJOB_SANDBOX_PROTOCOL"

  /// The folder with `schema.json` and `sandbox.json`.
  package var dataFolder: String
  package var statePath: String
  package var faults: String?
  package var protocols: Set<PluginProtocol>

  /// - Parameters:
  ///   - executable: as Terraform called it. In a mirror the data lie beside the binary, and
  ///     following its links would lead to where all providers share one binary.
  ///   - workingDirectory: the module's, where a state without a place of its own goes.
  package init(executable: String, environment: [String: String], workingDirectory: String) {
    dataFolder = LocalFiles.parent(of: executable)
    let path = environment[Self.stateVariable] ?? ""
    statePath = path.isEmpty ? "\(workingDirectory)/sandbox-state.json" : path
    faults = environment[Self.faultsVariable]
    let chosen = environment[Self.protocolVariable].flatMap { Int($0).flatMap(PluginProtocol.init) }
    protocols = chosen.map { [$0] } ?? Set(PluginProtocol.allCases)
  }

  package func load(crash: @escaping @Sendable () -> Void) throws -> Sandbox {
    let recording = try RecordedProvider(try Self.json("\(dataFolder)/schema.json"))
    let facts = try ProviderFacts(try Self.json("\(dataFolder)/sandbox.json"))
    var problem: String?
    var faults: [Fault] = []
    do { faults = try Fault.list(self.faults) } catch { problem = "\(Self.faultsVariable): \(error)" }
    return Sandbox(
      recording,
      facts,
      store: SandboxStore(path: statePath),
      faults: FaultPlan(faults),
      problem: problem,
      crash: crash
    )
  }

  private static func json(_ path: String) throws -> JSONValue {
    let bytes = try LocalFiles.read(path)
    do { return try JSONValue(parsing: bytes) } catch { throw RecordingError("\(path): \(error)") }
  }
}

package import PluginWire
import StackModel
import Synchronization
package import TerraformPlugin

/// A provider that has a real provider's schema and keeps its resources in a file.
package final class Sandbox: Provider {
  let recording: RecordedProvider
  let facts: ProviderFacts
  let store: SandboxStore
  let faults: FaultPlan
  /// What is wrong with the settings; told at configure, where Terraform shows it.
  private let problem: String?
  package let schema: ProviderSchema
  private let configuration = Mutex(Value.null)
  private let stopping = Mutex(false)
  /// Ends the process at once, as a program does that fails badly.
  let crash: @Sendable () -> Void

  /// - Parameters:
  ///   - problem: what is wrong with the settings, in words for their author.
  ///   - crash: does not return in a real process.
  package init(
    _ recording: RecordedProvider,
    _ facts: ProviderFacts,
    store: SandboxStore,
    faults: FaultPlan,
    problem: String? = nil,
    crash: @escaping @Sendable () -> Void
  ) {
    self.recording = recording
    self.facts = facts
    self.store = store
    self.faults = faults
    self.problem = problem
    self.crash = crash
    schema = recording.schema
  }

  /// The provider's settings as Terraform sent them.
  var settings: Value { configuration.withLock { $0 } }

  package func validateProvider(_ configuration: Value) async -> [ProviderDiagnostic] {
    Checker.check(recording.configuration, configuration)
  }

  package func validate(_ kind: TypeKind, _ type: String, _ configuration: Value) async
    -> [ProviderDiagnostic]
  {
    let known =
      switch kind {
      case .resource: recording.resources
      case .data: recording.dataSources
      case .ephemeral: recording.ephemeralResources
      }
    return known[type].map { Checker.check($0.block, configuration) } ?? []
  }

  package func configure(_ configuration: Value) async -> [ProviderDiagnostic] {
    self.configuration.withLock { $0 = configuration }
    var diagnostics = [
      ProviderDiagnostic(
        .warning,
        "Sandbox: nothing here is real",
        detail:
          "terraform-provider-sandbox plays \(recording.source) \(recording.version). It calls no service; "
          + "what it makes exists only in the file \(store.path)."
      )
    ]
    if let problem { diagnostics.append(.error("Sandbox settings", detail: problem)) }
    let (struck, _) = await strike(.configure)
    return diagnostics + struck
  }

  package func stop() async { stopping.withLock { $0 = true } }

  func strike(
    _ moment: Fault.Moment,
    type: String = "",
    id: String? = nil
  ) async -> (diagnostics: [ProviderDiagnostic], failure: Fault?) {
    await carryOut(faults.striking(moment, type: type, id: id))
  }

  /// Waits, warns, crashes or fails as asked for.
  ///
  /// - Returns: diagnostics, and the fault that failed the call.
  func carryOut(_ faults: [Fault]) async -> (diagnostics: [ProviderDiagnostic], failure: Fault?) {
    var diagnostics: [ProviderDiagnostic] = []
    for fault in faults {
      switch fault.effect {
      case .fail:
        diagnostics.append(.error(fault.summary, detail: fault.detail, path: fault.path))
        return (diagnostics, fault)
      case .warn:
        diagnostics.append(
          ProviderDiagnostic(.warning, fault.summary, detail: fault.detail, path: fault.path)
        )
      case .hang:
        while fault.isDeaf || !stopping.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
        diagnostics.append(.error("The operation was canceled", path: fault.path))
        return (diagnostics, fault)
      case .slow: await pause(fault.seconds)
      case .crash: crash()
      // Both change what is read, which the caller does.
      case .forget, .change: break
      }
    }
    return (diagnostics, nil)
  }

  private func pause(_ seconds: Double) async {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while clock.now < end, !stopping.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
  }

  /// A template that knows a resource.
  func template(
    _ resource: Value,
    type: String,
    count: @escaping (_ name: String, _ start: Int) -> Int
  ) -> Template {
    Template(resource: resource, configuration: settings, seed: "\(recording.name) \(type)", count: count)
  }
}

import Digests
package import Engines
package import StackModel
import ToolProcess
package import Translation

/// One operation on one stack, with all that it needs decided.
package struct Job: Sendable {
  package var id: String
  package var stack: StackID
  package var program: Program
  package var flow: JobMachine.Flow
  /// The manifest as the user named it, for people.
  package var manifest: String
  package var backend: StateBackend
  /// Where the provider works; nil where its own environment says so.
  package var target: ProviderTarget?
  /// Handed to the module, for a provider whose module takes one.
  package var connection: ModuleConnection?
  /// Whether this may work on another target than the stack was last changed on.
  package var allowsOtherTarget: Bool
  /// A plan folder whose plan is applied, when the flow says so.
  package var savedPlan: PlanFolder?
  /// Where the plan is kept when it is made.
  package var planOut: PlanFolder?
  /// False trusts the state and asks the platform nothing.
  package var refresh: Bool
  package var parallelism: Int?
  package var replace: [String]
  /// What must not be shown, beyond the program's own secrets.
  package var masked: [Secret]
  /// Names the manifest field that a message of the engine is about.
  package var trace: @Sendable (EngineDiagnostic) -> EngineDiagnostic

  package init(
    id: String,
    stack: StackID,
    program: Program,
    flow: JobMachine.Flow,
    manifest: String,
    backend: StateBackend = .managed,
    target: ProviderTarget? = nil,
    connection: ModuleConnection? = nil,
    allowsOtherTarget: Bool = false,
    savedPlan: PlanFolder? = nil,
    planOut: PlanFolder? = nil,
    refresh: Bool = true,
    parallelism: Int? = nil,
    replace: [String] = [],
    masked: [Secret] = [],
    trace: @escaping @Sendable (EngineDiagnostic) -> EngineDiagnostic = { $0 }
  ) {
    self.id = id
    self.stack = stack
    self.program = program
    self.flow = flow
    self.manifest = manifest
    self.backend = backend
    self.target = target
    self.connection = connection
    self.allowsOtherTarget = allowsOtherTarget
    self.savedPlan = savedPlan
    self.planOut = planOut
    self.refresh = refresh
    self.parallelism = parallelism
    self.replace = replace
    self.masked = masked
    self.trace = trace
  }

  /// An id that sorts by time and that nobody else makes: the time and some random digits.
  package static func makeID(at time: Timestamp) -> String {
    let stamp = time.description.filter { $0.isNumber || $0 == "T" }
    let random = String(UInt32.random(in: 0 ... .max), radix: 36)
    return "\(stamp)-\(random)"
  }
}

/// Who keeps a stack's state.
package enum StateBackend: Sendable, Hashable {
  /// We do, below the state home, version by version.
  case managed
  /// One of the engine's own backends.
  case external(type: String, configuration: JSONValue)
  /// Pulumi does, or a service of its kind.
  case pulumi(PulumiState)

  /// Tells one configuration from another.
  package var digest: String { SHA256.digest(of: file.bytes) }

  /// The program file that chooses the backend.
  package var file: Program.File {
    let (type, configuration): (String, JSONValue) =
      switch self {
      case .managed: ("http", [:])
      case .external(let type, let configuration): (type, configuration.withoutTemplates)
      case .pulumi(let state): ("pulumi", state.json)
      }
    let document: JSONValue = [
      "terraform": ["backend": .object(JSONObject([(type, configuration)]))]
    ]
    return Program.File(path: "backend.tf.json", bytes: document.bytes(.pretty))
  }
}

extension JSONValue {
  /// The document with `${` and `%{` escaped: in Terraform's JSON syntax they begin a template.
  fileprivate var withoutTemplates: JSONValue {
    switch self {
    case .string(let text): .string(HCLText.escapingTemplates(text))
    case .array(let elements): .array(elements.map(\.withoutTemplates))
    case .object(let object): .object(JSONObject(object.map { ($0.key, $0.value.withoutTemplates) }))
    default: self
    }
  }
}

/// The machine a job runs on and the people around it.
package struct JobContext: Sendable {
  package var stateHome: String
  package var engine: EngineBinary
  package var tools: EngineTools
  /// Passed through from outside, already selected.
  package var childEnvironment: [String: String]
  package var user: String
  package var version: String
  package var clock: @Sendable () -> Timestamp
  package var sink: Journal.Sink
  package var interrupts: InterruptController
  /// Asked once the plan is ready. It may take as long as it likes.
  package var approve: @Sendable (ApprovalRequest) async -> ApprovalDecision

  /// Nil where the platform is not asked.
  package var look: ServiceLook?

  var stop: StopSwitch { interrupts.stop }

  package init(
    stateHome: String,
    engine: EngineBinary,
    tools: EngineTools,
    childEnvironment: [String: String],
    user: String,
    version: String,
    clock: @escaping @Sendable () -> Timestamp = WallClock.now,
    interrupts: InterruptController,
    sink: @escaping Journal.Sink,
    approve: @escaping @Sendable (ApprovalRequest) async -> ApprovalDecision,
    look: ServiceLook? = nil
  ) {
    self.stateHome = stateHome
    self.engine = engine
    self.tools = tools
    self.childEnvironment = childEnvironment
    self.user = user
    self.version = version
    self.clock = clock
    self.interrupts = interrupts
    self.sink = sink
    self.approve = approve
    self.look = look
  }
}

/// What a person decides about.
package struct ApprovalRequest: Sendable {
  package var stack: StackID
  package var operation: Operation
  package var plan: PlanReady
  package var changes: [PlannedChange]
}

package enum ApprovalDecision: Sendable, Equatable {
  case approved(by: String, how: String)
  case rejected(by: String, how: String)
  /// The job was stopped while it waited.
  case cancelled
}

/// What is known of a job once it is over.
package struct JobOutcome: Sendable {
  package var result: JobResult
  package var exitCode: ExitCode
  package var reason: String?
  package var plan: PlanReady?
  package var changes: [PlannedChange] = []
  package var drift: [PlannedChange] = []
  package var outputs: [StackOutput] = []
  package var applied: ChangeSummary?
  package var journal: String
  /// The engine was killed, and not by us.
  package var lostEngine = false

  /// Whether an operation that only looks found something: a plan with changes, or drift.
  package func foundChanges(_ operation: Operation) -> Bool {
    operation == .drift ? !drift.isEmpty : plan?.hasChanges == true
  }
}

import Manifests
package import StackModel
import YAMLTree

/// One operation on one stack, as it is submitted; `docs/stack-job.md` describes the document.
package struct StackJob: Sendable {
  package var id: String?
  package var operation: Operation
  /// The manifest's text, if it came with the document.
  package var manifest: String?
  /// Absolute path of the manifest, if it is elsewhere.
  package var manifestFile: String?
  package var engine: EngineName?
  /// `accelerated` or `plain`; nil for what the worker's settings say.
  package var providers: String?
  package var image: String?
  package var version: String?
  /// Who keeps the state: `type` and `config`, before the worker's rules.
  package var backend: JSONValue?
  /// Where references are looked up, before the worker's sources.
  package var sources: JSONValue?
  /// Absolute paths of files of groups.
  package var references: [String] = []
  package var isSandbox = false
  package var skipRefresh = false
  package var previewBeforeUpdate = false
  package var pauseBetweenPreviewAndUpdate = false
  package var isManual = false
  /// Seconds from start to end.
  package var timeLimit: Int?
  /// Seconds from a phase's start to its end, by the phase's name.
  package var phaseLimits: [String: Int] = [:]
  /// Seconds that a plan waits for a decision.
  package var approvalLimit: Int?
  /// Higher comes first.
  package var priority = 0
  package var labels: [String: String] = [:]
  /// The address that is told when the job waits for a decision, and when it ends.
  package var callback: String?

  package init(operation: Operation) { self.operation = operation }

  /// Whether a person decides before anything is changed.
  package var needsApproval: Bool {
    (pauseBetweenPreviewAndUpdate || isManual) && (operation == .update || operation == .destroy)
  }

  /// The names of operations, and those that the verbs have for the same.
  package static func operation(named name: String) -> Operation? {
    switch name {
    case "plan": .preview
    case "apply": .update
    default: Operation(rawValue: name)
    }
  }

  /// Letters, digits, `_` and `-`: it becomes the name of a folder.
  package static func isLegalID(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 100 else { return false }
    return first != UInt8(ascii: "-") && first != UInt8(ascii: "_")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// Reads a document, with or without the envelope of its signature, which is not checked here. Unknown keys and wrong
  /// values are errors with their place.
  package static func read(_ bytes: [UInt8], file: String) -> Result<StackJob, DiagnosticFailure> {
    let bytes = SignedStackJob.document(bytes)
    let (documents, problems) = YAMLReader.read(bytes, file: file)
    guard !problems.hasErrors, let root = documents.first else {
      return .failure(DiagnosticFailure(problems))
    }
    guard documents.count == 1 else {
      return .failure(
        DiagnosticFailure(
          .error(
            "queue.document",
            "expected one document, found \(documents.count)",
            at: documents[1].location,
            hint: "give each job a file of its own"
          )
        )
      )
    }
    guard let schema = StackJobSchema.compiled else { preconditionFailure("the schema of jobs is broken") }
    let (node, found) = SchemaChecker.check(root, against: schema)
    guard !found.hasErrors else { return .failure(DiagnosticFailure(found)) }
    let view = DecodingView(node)
    guard let operation = view["operation"]?.string.flatMap(operation(named:)) else {
      return .failure(DiagnosticFailure(view.error("queue.document", "a job needs an `operation`")))
    }
    guard (view["manifest"] == nil) != (view["manifestFile"] == nil) else {
      return .failure(
        DiagnosticFailure(
          view.error(
            "queue.document",
            "a job needs `manifest` or `manifestFile`, and not both",
            hint: "write the manifest under `manifest:`, or its absolute path after `manifestFile:`"
          )
        )
      )
    }
    let paths = [view["manifestFile"]].compactMap(\.self) + (view["references"]?.list ?? [])
    if let wrong = paths.first(where: { $0.string?.hasPrefix("/") != true }) {
      return .failure(
        DiagnosticFailure(
          wrong.error(
            "queue.document",
            "`\(wrong.string ?? "")` is no absolute path",
            hint: "a worker does not know which folder a relative path is meant from"
          )
        )
      )
    }
    if let url = view["callback"]?["url"], url.string.flatMap(CallbackURL.init) == nil {
      return .failure(
        DiagnosticFailure(
          url.error(
            "queue.document",
            "`\(url.string ?? "")` is no address that can be called back",
            hint: "write it as https://HOST/PATH, without a user, `..` or percent-encoded slashes and dots"
          )
        )
      )
    }
    return .success(decode(view, operation))
  }

  private static func decode(_ view: DecodingView, _ operation: Operation) -> StackJob {
    var job = StackJob(operation: operation)
    job.id = view["id"]?.string
    job.manifest = view["manifest"].map { $0.string ?? $0.json.text() }
    job.manifestFile = view["manifestFile"]?.string
    job.engine = view["engine"]?.string.flatMap(EngineName.init)
    job.providers = view["providers"]?.string
    job.image = view["image"]?.string
    job.version = view["version"]?.string
    job.references = view["references"]?.strings ?? []
    job.backend = view["backend"]?.json
    job.sources = view["sources"]?.json
    job.isSandbox = view["sandbox"]?.bool ?? false
    let flow = view["flow"]
    job.skipRefresh = flow?["skipRefresh"]?.bool ?? false
    job.previewBeforeUpdate = flow?["previewBeforeUpdate"]?.bool ?? false
    job.pauseBetweenPreviewAndUpdate = flow?["pauseBetweenPreviewAndUpdate"]?.bool ?? false
    job.isManual = flow?["isManual"]?.bool ?? false
    job.timeLimit = view["timeLimits"]?["job"]?.int
    for phase in StackJobSchema.limitedPhases {
      job.phaseLimits[phase] = view["timeLimits"]?[phase]?.int
    }
    job.approvalLimit = view["timeLimits"]?["approval"]?.int
    job.priority = view["priority"]?.int ?? 0
    job.callback = view["callback"]?["url"]?.string
    job.labels = Dictionary((view["labels"]?.stringMap ?? []).map { ($0.key, $0.value) }) { _, last in last }
    return job
  }

  /// The document, with what is at its default left out.
  package var json: JSONValue {
    var object: JSONObject = ["kind": "StackJob"]
    func set(_ key: String, _ value: JSONValue) { if !value.isEmpty { object[key] = value } }
    func flags(_ flags: [(String, Bool)]) -> JSONValue {
      .object(JSONObject(flags.filter(\.1).map { ($0.0, .bool(true)) }))
    }
    set("id", .optional(id))
    set("operation", .string(operation.rawValue))
    set("engine", .optional(engine?.rawValue))
    set("providers", .optional(providers))
    set("image", .optional(image))
    set("version", .optional(version))
    set("references", .array(references.map(JSONValue.string)))
    set("backend", backend ?? .null)
    set("sources", sources ?? .null)
    if isSandbox { object["sandbox"] = true }
    set(
      "flow",
      flags([
        ("skipRefresh", skipRefresh), ("previewBeforeUpdate", previewBeforeUpdate),
        ("pauseBetweenPreviewAndUpdate", pauseBetweenPreviewAndUpdate), ("isManual", isManual),
      ])
    )
    var limits: JSONObject = [:]
    if let timeLimit { limits["job"] = .int(timeLimit) }
    for (phase, limit) in phaseLimits.sorted(by: { $0.key < $1.key }) { limits[phase] = .int(limit) }
    if let approvalLimit { limits["approval"] = .int(approvalLimit) }
    set("timeLimits", .object(limits))
    if priority != 0 { object["priority"] = .int(priority) }
    set("labels", .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
    if let callback { object["callback"] = ["url": .string(callback)] }
    set("manifestFile", .optional(manifestFile))
    set("manifest", .optional(manifest))
    return .object(object)
  }
}

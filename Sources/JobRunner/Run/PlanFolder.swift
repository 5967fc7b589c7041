package import LocalFiles
package import StackModel
package import Translation

/// A plan kept in a folder so that this very plan can be looked at, approved and applied later.
///
/// `plan.json`, `plan.md` and the program are there for people and tools. `digest.json` holds what an
/// apply insists on; it is written last, so that a folder that has it is whole.
package struct PlanFolder: Sendable, Hashable {
  package let path: String

  package init(path: String) { self.path = path }

  package var record: String { "\(path)/digest.json" }
  package var plan: String { "\(path)/\(Workspace.planFile)" }
  package var planJSON: String { "\(path)/plan.json" }
  package var markdown: String { "\(path)/plan.md" }
  package var program: String { "\(path)/program" }
  /// The stack's settings for Pulumi, with the salt that a plan is encrypted by.
  package var stackSettings: String { "\(path)/stack.yaml" }
  package var dependencyLock: String { "\(path)/program/\(Workspace.lockFile)" }

  /// Whether a plan may be put here: the folder is new or empty, or holds an earlier plan. `program` is
  /// removed first, so a folder of somebody else's must not pass.
  package var isUsable: Bool {
    // An empty path, as of a variable that is not set, would mean the root folder.
    guard !path.isEmpty else { return false }
    guard LocalFiles.exists(path) else { return true }
    guard let names = try? LocalFiles.list(path) else { return false }
    return names.isEmpty || readRecord() != nil
  }

  /// - Parameter files: what the engine needs beside the program to carry the plan out, by their place in the folder.
  func keep(
    _ files: [Program.File],
    program content: Program,
    document: JSONValue,
    record summary: PlanRecord
  ) throws(FileError) {
    try LocalFiles.remove(record)
    try LocalFiles.removeTree(program)
    // Another engine's plan may have been here.
    for name in Self.engineFiles { try LocalFiles.remove("\(path)/\(name)") }
    try LocalFiles.makeFolder(program)
    for file in content.files {
      let target = "\(program)/\(file.path)"
      try LocalFiles.makeFolder(LocalFiles.parent(of: target))
      try LocalFiles.replace(target, with: file.bytes)
    }
    for file in files { try LocalFiles.replace("\(path)/\(file.path)", with: file.bytes) }
    try LocalFiles.replace(planJSON, with: document.bytes(.pretty))
    try LocalFiles.replace(record, with: summary.json.bytes(.pretty))
  }

  private static let engineFiles = [
    Workspace.planFile, PulumiWorkspace.planFile, PulumiWorkspace.previewFile, "stack.yaml",
  ]

  package func readRecord() -> PlanRecord? {
    LocalFiles.text(record).flatMap { try? JSONValue(parsing: $0) }.flatMap(PlanRecord.init(json:))
  }

  /// The program's files as they were kept.
  package func readProgram() throws(FileError) -> [Program.File] {
    try read(folder: program, prefix: "")
  }

  private func read(folder: String, prefix: String) throws(FileError) -> [Program.File] {
    var files: [Program.File] = []
    for name in try LocalFiles.list(folder) where name != Workspace.lockFile {
      let path = "\(folder)/\(name)"
      if LocalFiles.isFolder(path) {
        files += try read(folder: path, prefix: "\(prefix)\(name)/")
      } else {
        files.append(Program.File(path: prefix + name, bytes: try LocalFiles.read(path)))
      }
    }
    return files
  }

  /// The digest of what the folder holds now, to be held against the one that was recorded.
  package func currentDigest(engineDigest: String) throws(FileError) -> PlanDigest {
    guard readRecord()?.engine == .pulumi else {
      return try PlanDigest(
        plan: plan,
        dependencyLock: dependencyLock,
        files: readProgram(),
        engineDigest: engineDigest
      )
    }
    return try PlanDigest(
      pulumiPlan: "\(path)/\(PulumiWorkspace.planFile)",
      preview: LocalFiles.read("\(path)/\(PulumiWorkspace.previewFile)"),
      files: readProgram(),
      engineDigest: engineDigest
    )
  }
}

/// What is written down about a kept plan.
package struct PlanRecord: Sendable {
  package var stack: StackID
  package var operation: Operation
  package var engine: EngineName
  package var engineVersion: String
  /// SHA-256 of the backend's configuration, which may hold what others should not read.
  package var backend: String
  /// Where the provider worked when it was made.
  package var target: String?
  package var manifest: String
  package var created: String
  /// Names of the secrets that the plan needs again when it is applied, by variable.
  package var secrets: [String: [String]]
  package var digest: PlanDigest

  static let format = 1

  package var json: JSONValue {
    [
      "format": .int(Self.format), "digest": .string(digest.combined), "stack": .string(stack.description),
      "operation": .string(operation.rawValue), "engine": .string(engine.rawValue),
      "engine_version": .string(engineVersion), "backend": .string(backend),
      "target": .optional(target), "manifest": .string(manifest), "created": .string(created),
      "secrets": .object(
        JSONObject(
          secrets.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map(JSONValue.string))) }
        )
      ),
      "parts": digest.json,
    ]
  }

  init?(json: JSONValue) {
    guard json["format"]?.int == Self.format, let stack = json["stack"]?.string.flatMap(StackID.init),
      let operation = json["operation"]?.string.flatMap(Operation.init),
      let engine = json["engine"]?.string.flatMap(EngineName.init),
      let version = json["engine_version"]?.string, let backend = json["backend"]?.string,
      let digest = PlanDigest(json: json["parts"])
    else { return nil }
    self.init(
      stack: stack,
      operation: operation,
      engine: engine,
      engineVersion: version,
      backend: backend,
      target: json["target"]?.string,
      manifest: json["manifest"]?.string ?? "",
      created: json["created"]?.string ?? "",
      secrets: Dictionary(
        uniqueKeysWithValues: (json["secrets"]?.object ?? [:]).map { name, keys in
          (name, keys.array?.compactMap(\.string) ?? [])
        }
      ),
      digest: digest
    )
  }

  init(
    stack: StackID,
    operation: Operation,
    engine: EngineName,
    engineVersion: String,
    backend: String,
    target: String?,
    manifest: String,
    created: String,
    secrets: [String: [String]],
    digest: PlanDigest
  ) {
    self.stack = stack
    self.operation = operation
    self.engine = engine
    self.engineVersion = engineVersion
    self.backend = backend
    self.target = target
    self.manifest = manifest
    self.created = created
    self.secrets = secrets
    self.digest = digest
  }
}

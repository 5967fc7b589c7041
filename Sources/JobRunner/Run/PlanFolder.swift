import Digests
package import LocalFiles
package import StackModel
import Translation

/// A plan kept in a folder so that this very plan can be looked at, approved and applied later.
///
/// `plan.json`, `plan.md` and the program are there for people and tools; `digest.json` holds what
/// an apply insists on.
package struct PlanFolder: Sendable, Hashable {
  package let path: String

  package init(path: String) { self.path = path }

  package var manifestOfDigests: String { "\(path)/digest.json" }
  package var plan: String { "\(path)/\(Workspace.planFile)" }
  package var planJSON: String { "\(path)/plan.json" }
  package var markdown: String { "\(path)/plan.md" }
  package var program: String { "\(path)/program" }
  package var dependencyLock: String { "\(path)/program/\(Workspace.lockFile)" }
}

/// What a plan depends on, each as SHA-256. Apply refuses a plan when one of them has changed.
package struct PlanDigest: Sendable, Hashable {
  package var plan: String
  package var program: String
  package var dependencyLock: String
  package var engine: String
  /// The values, and the revisions of the secrets among them.
  package var variables: String

  package init(plan: String, program: String, dependencyLock: String, engine: String, variables: String) {
    self.plan = plan
    self.program = program
    self.dependencyLock = dependencyLock
    self.engine = engine
    self.variables = variables
  }

  /// The one digest that an approval names.
  package var combined: String { SHA256.digest(of: json.bytes()) }

  package var json: JSONValue {
    [
      "plan": .string(plan), "program": .string(program), "dependency_lock": .string(dependencyLock),
      "engine": .string(engine), "variables": .string(variables),
    ]
  }

  package init?(json: JSONValue?) {
    guard let plan = json?["plan"]?.string, let program = json?["program"]?.string,
      let lock = json?["dependency_lock"]?.string, let engine = json?["engine"]?.string,
      let variables = json?["variables"]?.string
    else { return nil }
    self.init(
      plan: plan, program: program, dependencyLock: lock, engine: engine, variables: variables)
  }

  /// What differs from another, in words.
  package func differences(from other: PlanDigest) -> [String] {
    [
      ("the plan file", plan, other.plan), ("the program", program, other.program),
      ("the provider lock file", dependencyLock, other.dependencyLock),
      ("the engine's binary", engine, other.engine), ("the values", variables, other.variables),
    ].filter { $0.1 != $0.2 }.map(\.0)
  }

  static func program(_ files: [Program.File], backend: StateBackend) -> String {
    let hash = SHA256()
    for file in files.filter({ $0.path != Program.valuesFile }) + [backend.file] {
      // Lengths keep one file's end from passing for another's beginning.
      hash.update(Array("\(file.path)\n\(file.bytes.count)\n".utf8))
      hash.update(file.bytes)
    }
    return hash.finish()
  }

  static func variables(_ files: [Program.File]) -> String {
    SHA256.digest(of: files.first { $0.path == Program.valuesFile }?.bytes ?? [])
  }
}

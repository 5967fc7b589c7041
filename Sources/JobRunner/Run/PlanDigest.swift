import Digests
import LocalFiles
package import StackModel
import Translation

/// What a plan depends on, each as SHA-256. An apply refuses a plan when one of them has changed.
package struct PlanDigest: Sendable, Hashable {
  package var plan: String
  package var program: String
  package var dependencyLock: String
  package var engine: String
  /// The values, and the revisions of the secrets among them.
  package var variables: String

  /// The one digest that an approval names.
  package var combined: String { SHA256.digest(of: json.bytes()) }

  /// - Parameters:
  ///   - plan: path of the plan file.
  ///   - dependencyLock: path of the provider lock file.
  init(
    plan: String,
    dependencyLock: String,
    files: [Program.File],
    engineDigest: String
  ) throws(FileError) {
    self.plan = try SHA256.digest(ofFile: plan)
    // A module with built-in providers alone has no lock file.
    self.dependencyLock =
      LocalFiles.exists(dependencyLock) ? try SHA256.digest(ofFile: dependencyLock) : ""
    program = Self.digest(of: files.filter { !Program.holdsValues($0.path) })
    variables = Self.digest(of: files.filter { Program.holdsValues($0.path) })
    engine = engineDigest
  }

  /// - Parameters:
  ///   - pulumiPlan: path of the plan that Pulumi saved; where there is none, what the preview found stands alone.
  ///   - preview: the document of it.
  init(
    pulumiPlan: String,
    preview: [UInt8],
    files: [Program.File],
    engineDigest: String
  ) throws(FileError) {
    let parts = [
      LocalFiles.exists(pulumiPlan) ? try SHA256.digest(ofFile: pulumiPlan) : "",
      SHA256.digest(of: preview),
    ]
    plan = SHA256.digest(of: Array(parts.joined(separator: "\n").utf8))
    // The program pins its plugins' versions; there are no checksums of them.
    dependencyLock = ""
    program = Self.digest(of: files.filter { !Program.holdsValues($0.path) })
    variables = Self.digest(of: files.filter { Program.holdsValues($0.path) })
    engine = engineDigest
  }

  init(workspace: Workspace, program: Program, engineDigest: String) throws(FileError) {
    try self.init(
      plan: workspace.plan,
      dependencyLock: workspace.dependencyLock,
      files: program.files,
      engineDigest: engineDigest
    )
  }

  /// A digest over names, lengths and contents: one file's end cannot pass for another's beginning.
  private static func digest(of files: [Program.File]) -> String {
    let hash = SHA256()
    for file in files.sorted(by: { $0.path < $1.path }) {
      hash.update(Array("\(file.path)\n\(file.bytes.count)\n".utf8))
      hash.update(file.bytes)
    }
    return hash.finish()
  }

  package var json: JSONValue {
    [
      "plan": .string(plan), "program": .string(program), "dependency_lock": .string(dependencyLock),
      "engine": .string(engine), "variables": .string(variables),
    ]
  }

  init?(json: JSONValue?) {
    guard let plan = json?["plan"]?.string, let program = json?["program"]?.string,
      let lock = json?["dependency_lock"]?.string, let engine = json?["engine"]?.string,
      let variables = json?["variables"]?.string
    else { return nil }
    self.plan = plan
    self.program = program
    dependencyLock = lock
    self.engine = engine
    self.variables = variables
  }

  /// What differs from another, in words.
  package func differences(from other: PlanDigest) -> [String] {
    [
      ("the plan file", plan, other.plan), ("the program", program, other.program),
      ("the provider lock file", dependencyLock, other.dependencyLock),
      ("the engine's binary", engine, other.engine), ("the values", variables, other.variables),
    ].filter { $0.1 != $0.2 }.map(\.0)
  }
}

package import Engines
package import LocalFiles
package import Translation

/// The folder that the engine runs in, readable by its owner alone.
package struct Workspace: Sendable {
  package let path: String

  package static let planFile = "plan.tfplan"
  static let lockFile = ".terraform.lock.hcl"
  private static let cliConfigFile = "cli.tfrc"
  /// Where Terraform leaves a state that its backend did not take.
  private static let erroredStateFile = "errored.tfstate"

  package var cliConfig: String { "\(path)/\(Self.cliConfigFile)" }
  package var plan: String { "\(path)/\(Self.planFile)" }
  package var dependencyLock: String { "\(path)/\(Self.lockFile)" }
  /// Credentials for the cluster, while the job runs.
  var kubeconfig: String { "\(path)/kubeconfig.json" }
  package var erroredState: String { "\(path)/\(Self.erroredStateFile)" }

  package init(path: String) { self.path = path }

  /// Writes the program and what the engine needs beside it.
  package func prepare(
    program: Program,
    backend: StateBackend,
    cliConfig config: TerraformCLIConfig,
    dependencyLock knownLock: [UInt8]?
  ) throws(FileError) {
    try LocalFiles.makeFolder(path)
    for file in program.files + [backend.file] {
      let target = "\(path)/\(file.path)"
      if file.path.contains("/") { try LocalFiles.makeFolder(LocalFiles.parent(of: target)) }
      try LocalFiles.create(target, with: file.bytes, durably: false)
    }
    try LocalFiles.create(cliConfig, with: Array(config.text.utf8), durably: false)
    if let knownLock { try LocalFiles.create(dependencyLock, with: knownLock, durably: false) }
  }

  /// Removes the folder, unless it holds a state that nothing else holds.
  package func discard() {
    try? LocalFiles.remove(kubeconfig)
    guard !LocalFiles.exists(erroredState) else { return }
    try? LocalFiles.removeTree(path)
  }
}

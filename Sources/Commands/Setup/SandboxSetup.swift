import Digests
import Engines
import JobRunner
import LocalFiles
import SandboxMirror
import StackModel
import ToolProcess

/// What a run with played providers needs: a mirror that holds them, and a file for what they make.
enum SandboxSetup {
  static func binary() -> String {
    "\(LocalFiles.parent(of: Locations.executablePath()))/terraform-provider-sandbox"
  }

  /// The folder of the mirror, laid out when it is not there: by the binary and the recordings that it holds,
  /// so that another build has another folder.
  static func mirror(_ session: Session) -> Result<String, DiagnosticFailure> {
    let binary = binary()
    let home = session.locations.stateHome
    do {
      guard let identity = LocalFiles.identity(of: binary) else {
        throw SandboxMirror.Failure.noBinary(binary)
      }
      let recordings = try SandboxMirror.recordedFiles(below: session.locations.providerRoots)
        .map { "\($0) \(try SHA256.digest(ofFile: $0))" }
      let key = SHA256.digest(of: Array(([identity] + recordings).joined(separator: "\n").utf8)).prefix(16)
      let folder = "\(home)/mirror-\(key)"
      if LocalFiles.isFolder(folder) { return .success(folder) }
      try LocalFiles.makeFolder(home)
      try LocalFiles.exclusively(under: "\(home)/mirror.guard", orThrow: { $0 as any Error }) {
        guard !LocalFiles.isFolder(folder) else { return }
        let unfinished = "\(home)/mirror-new"
        try LocalFiles.removeTree(unfinished)
        // Those of other builds, but for those that a job may be using still.
        for name in try LocalFiles.list(home) where name.hasPrefix("mirror-") {
          let path = "\(home)/\(name)"
          if LocalFiles.secondsSinceChange(of: path) ?? 0 > 86_400 { try LocalFiles.removeTree(path) }
        }
        _ = try SandboxMirror.install(
          into: unfinished,
          binary: binary,
          providerRoots: session.locations.providerRoots
        )
        try LocalFiles.rename(unfinished, to: folder)
      }
      return .success(folder)
    } catch {
      // A full disk would stay so.
      try? LocalFiles.removeTree("\(home)/mirror-new")
      let hint = LocalFiles.isFile(binary) ? nil : "`make build` builds both programs"
      return .failure(
        DiagnosticFailure(.error("sandbox.install", "the sandbox cannot be laid out: \(error)", hint: hint))
      )
    }
  }

  /// Neither credentials nor endpoints: nothing is called.
  static func childEnvironment(_ session: Session, stack: StackID) -> EnvironmentPolicy.Selection {
    let policy = EnvironmentPolicy(
      allowed: EnvironmentPolicy.basics + ["STACKJOB_SANDBOX_FAULTS", "STACKJOB_SANDBOX_PROTOCOL"],
      reserved: TerraformEnvironment.reserved
    )
    var selection = policy.select(from: session.environment)
    let folder = StackFolder(home: session.locations.stateHome, stack: stack)
    selection.variables["STACKJOB_SANDBOX_STATE"] = "\(folder.path)/sandbox.json"
    return selection
  }
}

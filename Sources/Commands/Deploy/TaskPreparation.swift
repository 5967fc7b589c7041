import Deployment
import Digests
import JobRunner
import Manifests
import StackModel
import Translation

/// From an overlay's manifest and the pipeline's rules to a job that only has to be run.
struct TaskPreparation {
  let session: Session
  let engine: EngineOptions

  struct Prepared: Sendable {
    var name: String
    var job: JobPreparation.Prepared
    var session: Session
    var engine: EngineName
    /// SHA-256 of all that decides what is deployed: module, values, revisions of secrets, backend, platform,
    /// engine.
    var inputs: String
  }

  func prepare(
    _ name: String,
    _ manifest: Manifest,
    rules: TaskRules,
    operation: Operation
  ) -> Result<Prepared, DiagnosticFailure> {
    let session = session.keepingState(in: rules.backend, file: Pipeline.fileName)
    let engineName = engine.engine ?? rules.engine ?? session.settings.engine ?? .terraform
    return JobPreparation(
      session: session,
      operation: operation,
      engine: engineName,
      cluster: engine.cluster
    ).prepare(manifest).map { job in
      Prepared(
        name: name,
        job: job,
        session: session,
        engine: engineName,
        inputs: Self.inputs(of: job, engine: engineName)
      )
    }
  }

  /// Secrets are in it by their slow revisions alone, never by a digest of their values.
  static func inputs(of job: JobPreparation.Prepared, engine: EngineName) -> String {
    var parts = job.program.files.map { ($0.path, $0.bytes) }
    parts += [
      ("backend", job.backend.digest), ("engine", engine.rawValue), ("target", job.target?.target ?? ""),
      ("stack", job.stack.description),
    ].map { ($0.0, Array($0.1.utf8)) }
    let hash = SHA256()
    for (name, bytes) in parts {
      // Lengths keep one part's end from passing for another's beginning.
      hash.update(Array("\(name)\n\(bytes.count)\n".utf8))
      hash.update(bytes)
    }
    return hash.finish()
  }
}

import JobRunner
import LocalFiles
import StackModel
import Translation

/// A saved plan is applied only if all that it was made from is still the same.
struct SavedPlanCheck {
  let folder: PlanFolder
  let jobs: [JobPreparation.Prepared]
  /// SHA-256 of the engine that would apply it.
  let engineDigest: () throws(FileError) -> String

  /// What stands against it; nil when nothing does.
  func refusal() -> Diagnostic? {
    guard let record = folder.readRecord() else {
      return refused("the folder holds no plan", "make one with `stackjob plan --out \(folder.path) FILE`")
    }
    guard jobs.count == 1, let job = jobs.first else {
      return refused("a saved plan belongs to one stack", "give the one manifest it was made from")
    }
    guard job.stack == record.stack else {
      return refused(
        "the plan is for \(record.stack), the manifest for \(job.stack)",
        "give the manifest that the plan was made from"
      )
    }
    do throws(FileError) {
      let differences = try differences(record, job)
      guard !differences.isEmpty else { return nil }
      return refused(
        "the plan no longer stands; changed since it was made: \(differences.joined(separator: ", "))",
        "make a new plan and have that one approved"
      )
    } catch {
      return refused("the plan cannot be read: \(error)", "make a new one")
    }
  }

  private func differences(
    _ record: PlanRecord,
    _ job: JobPreparation.Prepared
  ) throws(FileError) -> [String] {
    var differences = record.digest.differences(
      from: try folder.currentDigest(engineDigest: try engineDigest())
    )
    if differences.isEmpty, try folder.readProgram() != job.program.files {
      differences.append("the manifest or the kind's templates")
    }
    if record.backend != job.backend.digest { differences.append("the backend") }
    if record.target != job.target?.target { differences.append("the cluster") }
    return differences
  }

  private func refused(_ message: String, _ hint: String) -> Diagnostic {
    .error("plan.refused", message, at: SourceLocation(file: folder.path), hint: hint)
  }
}

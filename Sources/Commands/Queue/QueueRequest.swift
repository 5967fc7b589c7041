import JobSources
import LocalFiles
import StackModel

/// A decision or request about a queued job.
struct QueueRequest {
  /// The queue's folder.
  let queue: String
  let id: String
  /// Nil for the user of this process.
  var person: String?

  func carryOut(_ request: JobRequest) throws {
    let directory = try QueueOptions.existing(queue)
    let person = person ?? User.name(ProcessEnvironment.read())
    let refusal = try QueueFailure.catching { () throws(FileError) in
      try directory.request(request, of: id, by: person)
    }
    guard let refusal else { return }
    try Console.require([
      .error("queue.refused", refusal, hint: "`stackjob jobs --queue \(queue)` says how each job stands")
    ])
  }

  /// Ends the command with what has to be looked at before the job can be approved.
  func askForDigest() throws {
    let directory = try QueueOptions.existing(queue)
    let job = try QueueFailure.catching { () throws(FileError) in try directory.job(id) }
    guard let digest = job?.digest, job?.status == .awaitingApproval else {
      return try carryOut(.approve(digest: ""))
    }
    try Console.require([
      .error(
        "queue.digest",
        "approve names the plan by its digest, and --digest is missing",
        hint:
          "look at \(directory.layout.job(id).plan)/plan.md, which `stackjob job show --queue \(queue) \(id)` "
          + "names too, then approve it with --digest \(digest.prefix(12))"
      )
    ])
  }
}

import JobSources
import LocalFiles
import StackModel

/// A decision or request about a queued job.
struct QueueRequest {
  /// The queue's folder or URL.
  let queue: String
  let endpoint: EndpointOptions
  let id: String
  /// Nil for the user of this process.
  var person: String?

  func carryOut(_ request: JobRequest) throws {
    let person = person ?? User.name(ProcessEnvironment.read())
    try QueueAccess.open(queue, endpoint).request(request, of: id, by: person, queue: queue)
  }

  /// Ends the command with what has to be looked at before the job can be approved.
  func askForDigest() throws {
    let job = try QueueAccess.open(queue, endpoint).job(id)
    guard let digest = job.digest, job.status == .awaitingApproval else {
      return try carryOut(.approve(digest: ""))
    }
    try Console.require([
      .error(
        "queue.digest",
        "approve names the plan by its digest, and --digest is missing",
        hint:
          "look at the plan with `stackjob job file --queue \(queue) \(id) plan/plan.md`, "
          + "then approve it with --digest \(digest.prefix(12))"
      )
    ])
  }
}

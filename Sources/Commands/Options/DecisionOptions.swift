import ArgumentParser

/// What a decision is about: a gate of a deployment, or a job of a queue.
struct DecisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Decide on a job of this queue, not on a deployment.", valueName: "queue"),
    completion: .directory
  )
  var queue: String?

  @OptionGroup(title: "Queue at a URL") var endpoint: EndpointOptions

  @Option(help: ArgumentHelp("With --queue: who decides. Default: you.", valueName: "name"))
  var by: String?

  func validate(task: String?) throws {
    guard let queue else {
      if by != nil {
        throw ValidationError(
          "--by is for jobs of a queue; a deployment keeps the name of the user who decides"
        )
      }
      return
    }
    try QueueOptions.check(queue)
    if let task {
      throw ValidationError("\(task): a job has one plan and no tasks; leave the task out, or --queue")
    }
  }

  /// Nil for a deployment.
  func request(of id: String) -> QueueRequest? {
    queue.map { QueueRequest(queue: $0, endpoint: endpoint, id: id, person: by) }
  }
}

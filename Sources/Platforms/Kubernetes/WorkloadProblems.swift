import StackModel

/// Asks a cluster what is wrong with the pods of a service, and with what should make them.
struct WorkloadProblems {
  private let service: KubernetesService
  private let api: any KubernetesAPI

  init(_ service: KubernetesService, api: any KubernetesAPI) {
    self.service = service
    self.api = api
  }

  /// - Parameter deployment: the Deployment, if it is known already.
  /// - Returns: the problems, and what could not be asked.
  func find(deployment: JSONValue?) async -> (problems: [ServiceStatus.Problem], notes: [String]) {
    let answers = await api.get(all: [
      KubernetesPath.list("v1", service.namespace, "pods", labels: service.selector),
      KubernetesPath.list("apps/v1", service.namespace, "replicasets", labels: service.selector),
      KubernetesPath.list("v1", service.namespace, "events", fields: "type=Warning"),
    ])
    var notes: [String] = []
    let lists = answers.map { answer -> [JSONValue] in
      switch answer {
      case .success(let list): return list["items"]?.array ?? []
      case .failure(let failure):
        notes.append(failure.message)
        return []
      }
    }
    return (
      Self.problems(deployment: deployment, pods: lists[0], sets: lists[1], events: lists[2]), notes
    )
  }

  static func problems(
    deployment: JSONValue?,
    pods: [JSONValue],
    sets: [JSONValue],
    events: [JSONValue]
  ) -> [ServiceStatus.Problem] {
    var problems = PodProblems.of(pods: pods, events: events)
    // Where a quota or a policy forbids pods there are none to look at: who should make them knows why.
    let makers =
      sets.filter(isWanted).map { ("ReplicaSet", $0) } + (deployment.map { [("Deployment", $0)] } ?? [])
    for (kind, object) in makers {
      let own = KubernetesEvents.about(object, kind: kind, in: events)
      guard let newest = own.first else { continue }
      let reason = [newest.reason, newest.message].compactMap { $0 }.joined(separator: ": ")
      problems.append(
        ServiceStatus.Problem(subject: "\(kind) \(PodProblems.name(object))", reasons: [reason], events: [])
      )
    }
    return Array(problems.prefix(PodProblems.mostListed))
  }

  /// Old ReplicaSets are kept for going back, with no pods.
  private static func isWanted(_ set: JSONValue) -> Bool { set["spec"]?["replicas"]?.int ?? 0 > 0 }
}

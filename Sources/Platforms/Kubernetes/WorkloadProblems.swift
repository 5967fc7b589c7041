package import StackModel

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

/// Why a roll-out does not come to its end, for a job whose engine could only say that it waited too long.
package enum RolloutProblems {
  /// Messages to stand beside the engine's own. Empty when nothing was found; what could not be asked is
  /// left out, for the engine's message is what the reader has to see.
  package static func diagnostics(
    of service: KubernetesService,
    api: any KubernetesAPI
  ) async -> [EngineDiagnostic] {
    let (problems, _) = await WorkloadProblems(service, api: api).find(deployment: nil)
    return problems.map(diagnostic)
  }

  static func diagnostic(_ problem: ServiceStatus.Problem) -> EngineDiagnostic {
    let others = problem.alike == 0 ? "" : " (and \(problem.alike) more like it)"
    return EngineDiagnostic(
      // What failed is told by the engine's own error. The words of a pod, such as an expired token of its
      // registry, must not decide what the job ends with.
      severity: .warning,
      summary: "\(problem.subject)\(others): \(problem.reasons.joined(separator: "; "))",
      detail: problem.events.map(\.line).joined(separator: "\n")
    )
  }
}

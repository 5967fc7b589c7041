package import StackModel

/// Asks a cluster how a service is doing.
package struct KubernetesStatus: Sendable {
  private let service: KubernetesService
  private let api: any KubernetesAPI

  package init(_ service: KubernetesService, api: any KubernetesAPI) {
    self.service = service
    self.api = api
  }

  package func fetch(at now: Timestamp) async throws(PlatformFailure) -> ServiceStatus {
    let ways = ways
    let paths = [path("apps/v1", "deployments", service.deployment)] + ways.map(\.path)
    var answers = await api.get(all: paths)
    let deployment = try deployment(answers.removeFirst())
    var status = ServiceStatus(
      subject: "deployment \(service.namespace)/\(service.deployment)",
      rollout: DeploymentRollout.rollout(deployment),
      replicas: DeploymentRollout.replicas(deployment),
      fetchedAt: now
    )
    for (way, answer) in zip(ways, answers) {
      switch answer {
      case .success(let document): way.add(document, &status)
      // A right that is missing for one of them spoils nothing else.
      case .failure(let failure): status.notes.append(failure.message)
      }
    }
    if status.health != .healthy {
      let (problems, notes) = await WorkloadProblems(service, api: api).find(deployment: deployment)
      status.problems = problems
      status.notes += notes
    }
    return status
  }

  private func deployment(
    _ answer: Result<JSONValue, PlatformFailure>
  ) throws(PlatformFailure) -> JSONValue {
    do throws(PlatformFailure) {
      return try answer.get()
    } catch {
      guard error.kind == .absent else { throw error }
      throw PlatformFailure(
        .absent,
        "there is no Deployment \(service.deployment) in the namespace \(service.namespace)",
        hint: "apply it first: stackjob apply FILE"
      )
    }
  }

  /// A document beside the Deployment, and what it adds.
  private struct Way {
    var path: String
    var add: (JSONValue, inout ServiceStatus) -> Void
  }

  private var ways: [Way] {
    var ways: [Way] = []
    if let name = service.autoscaler {
      ways.append(
        Way(path: path("autoscaling/v2", "horizontalpodautoscalers", name)) { document, status in
          status.autoscaling = KubernetesAutoscaling.of(document)
        }
      )
    }
    if let name = service.service {
      ways.append(
        Way(path: path("v1", "services", name)) { document, status in
          status.endpoints += KubernetesEndpoints.service(document)
        }
      )
    }
    ways += service.ingresses.map { name in
      Way(path: path("networking.k8s.io/v1", "ingresses", name)) { document, status in
        status.endpoints += KubernetesEndpoints.ingress(document)
      }
    }
    ways += service.routes.map { name in
      Way(path: path("gateway.networking.k8s.io/v1", "httproutes", name)) { document, status in
        status.endpoints += KubernetesEndpoints.route(document)
      }
    }
    return ways
  }

  private func path(_ group: String, _ resource: String, _ name: String) -> String {
    KubernetesPath.object(group, service.namespace, resource, name)
  }
}

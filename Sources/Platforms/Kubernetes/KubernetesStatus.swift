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
    let deployment: JSONValue
    do throws(PlatformFailure) {
      deployment = try await api.get(path("apps/v1", "deployments", service.deployment))
    } catch {
      guard error.kind == .absent else { throw error }
      throw PlatformFailure(
        .absent,
        "there is no Deployment \(service.deployment) in the namespace \(service.namespace)",
        hint: "apply it first: stackjob apply FILE"
      )
    }
    var notes: [String] = []
    var status = ServiceStatus(
      subject: "deployment \(service.namespace)/\(service.deployment)",
      rollout: DeploymentRollout.rollout(deployment),
      replicas: DeploymentRollout.replicas(deployment),
      fetchedAt: now
    )
    // These say where requests come in. A right that is missing for one of them spoils nothing else.
    if let name = service.autoscaler,
      let found = await optional(path("autoscaling/v2", "horizontalpodautoscalers", name), &notes)
    {
      status.autoscaling = KubernetesAutoscaling.of(found)
    }
    if let name = service.service, let found = await optional(path("v1", "services", name), &notes) {
      status.endpoints += KubernetesEndpoints.service(found)
    }
    for name in service.ingresses {
      guard let found = await optional(path("networking.k8s.io/v1", "ingresses", name), &notes) else {
        continue
      }
      status.endpoints += KubernetesEndpoints.ingress(found)
    }
    for name in service.routes {
      let path = path("gateway.networking.k8s.io/v1", "httproutes", name)
      guard let found = await optional(path, &notes) else { continue }
      status.endpoints += KubernetesEndpoints.route(found)
    }
    if status.health != .healthy {
      let (problems, more) = await WorkloadProblems(service, api: api).find(deployment: deployment)
      status.problems = problems
      notes += more
    }
    status.notes = notes
    return status
  }

  private func path(_ group: String, _ resource: String, _ name: String) -> String {
    KubernetesPath.object(group, service.namespace, resource, name)
  }

  private func optional(_ path: String, _ notes: inout [String]) async -> JSONValue? {
    do throws(PlatformFailure) {
      return try await api.get(path)
    } catch {
      notes.append(error.message)
      return nil
    }
  }
}

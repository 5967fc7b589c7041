package import StackModel

/// Asks AWS how an ECS service is doing.
package struct EcsStatus: Sendable {
  private let address: EcsServiceAddress
  private let api: any AWSAPI

  package init(_ address: EcsServiceAddress, api: any AWSAPI) {
    self.address = address
    self.api = api
  }

  package func fetch(at now: Timestamp) async throws(PlatformFailure) -> ServiceStatus {
    let service = try await service()
    var notes: [String] = []
    var status = ServiceStatus(
      subject: "service \(address.clusterName)/\(address.name)",
      rollout: EcsRollout.rollout(service),
      replicas: EcsRollout.replicas(service),
      fetchedAt: now
    )
    if address.isAutoscaled {
      status.autoscaling =
        await note(&notes) { () async throws(PlatformFailure) in
          try await autoscaling(desired: status.replicas.desired)
        } ?? nil
    }
    for balancer in service["loadBalancers"]?.array ?? [] {
      guard let group = balancer["targetGroupArn"]?.string else { continue }
      let endpoint = await note(&notes) { () async throws(PlatformFailure) in
        try await self.endpoint(of: group)
      }
      if let endpoint { status.endpoints.append(endpoint) }
    }
    // A group without targets, as before the first task is registered, tells nothing of readiness.
    let healthy = status.endpoints.filter { $0.healthyTargets ?? 0 > 0 || $0.unhealthyTargets > 0 }
      .compactMap(\.healthyTargets)
    status.replicas.ready = healthy.min()
    if let name = address.discoveryName {
      status.endpoints.append(ServiceStatus.Endpoint(kind: "discovery", address: name))
    }
    if status.health != .healthy {
      let stopped = await note(&notes) { () async throws(PlatformFailure) in try await self.stoppedTasks() }
      status.problems = EcsProblems.of(service: service, stopped: stopped ?? [])
    }
    status.notes = notes
    return status
  }

  private func service() async throws(PlatformFailure) -> JSONValue {
    let absent = PlatformFailure(
      .absent,
      "there is no ECS service \(address.name) in the cluster \(address.clusterName)",
      hint: "apply it first: stackjob apply FILE"
    )
    let reply: JSONValue
    do throws(PlatformFailure) {
      let names: JSONValue = [.string(address.name)]
      reply = try await api.json(
        .ecs,
        "DescribeServices",
        ["cluster": .string(address.cluster), "services": names]
      )
    } catch {
      throw error.kind == .absent ? absent : error
    }
    // A service that was deleted is described for a while, as inactive.
    guard let found = reply["services"]?[0], found["status"] != "INACTIVE" else { throw absent }
    return found
  }

  private func stoppedTasks() async throws(PlatformFailure) -> [JSONValue] {
    let cluster = JSONValue.string(address.cluster)
    let listed = try await api.json(
      .ecs,
      "ListTasks",
      ["cluster": cluster, "serviceName": .string(address.name), "desiredStatus": "STOPPED"]
    )
    // The newest hundred at most, which is what one call describes.
    guard let tasks = listed["taskArns"]?.array, !tasks.isEmpty else { return [] }
    let described = try await api.json(
      .ecs,
      "DescribeTasks",
      ["cluster": cluster, "tasks": .array(Array(tasks.prefix(100)))]
    )
    return described["tasks"]?.array ?? []
  }

  private func autoscaling(desired: Int) async throws(PlatformFailure) -> ServiceStatus.Autoscaling? {
    let id = JSONValue.string("service/\(address.clusterName)/\(address.name)")
    let targets = try await api.json(
      .applicationAutoScaling,
      "DescribeScalableTargets",
      ["ServiceNamespace": "ecs", "ResourceIds": [id]]
    )
    guard let target = targets["ScalableTargets"]?[0] else { return nil }
    let query: JSONValue = ["ServiceNamespace": "ecs", "ResourceId": id]
    let policies = try await api.json(.applicationAutoScaling, "DescribeScalingPolicies", query)
    let activities = try? await api.json(.applicationAutoScaling, "DescribeScalingActivities", query)
    return EcsAutoscaling.of(
      target: target,
      policies: policies["ScalingPolicies"]?.array ?? [],
      activities: activities?["ScalingActivities"]?.array ?? [],
      desired: desired
    )
  }

  private func endpoint(of targetGroup: String) async throws(PlatformFailure) -> ServiceStatus.Endpoint {
    let group = EcsEndpoints.TargetGroup(
      health: try await api.loadBalancing("DescribeTargetHealth", [("TargetGroupArn", targetGroup)]),
      group: try await api.loadBalancing("DescribeTargetGroups", [("TargetGroupArns.member.1", targetGroup)])
    )
    var names: [String: String] = [:]
    if !group.loadBalancers.isEmpty {
      let parameters = group.loadBalancers.enumerated().map { ("LoadBalancerArns.member.\($0 + 1)", $1) }
      names = EcsEndpoints.names(try await api.loadBalancing("DescribeLoadBalancers", parameters))
    }
    return EcsEndpoints.endpoint(group, names: names, url: address.url)
  }

  /// The answer to a question that is not the main one: a right that is missing for it spoils nothing else.
  private func note<Answer>(
    _ notes: inout [String],
    _ ask: () async throws(PlatformFailure) -> Answer
  ) async -> Answer? {
    do throws(PlatformFailure) {
      return try await ask()
    } catch {
      notes.append(error.message)
      return nil
    }
  }
}

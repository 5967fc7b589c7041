import StackModel

/// What a Deployment says of its roll-out, read the way `kubectl rollout status` reads it.
enum DeploymentRollout {
  static func rollout(_ deployment: JSONValue) -> ServiceStatus.Rollout {
    let (spec, status) = (deployment["spec"], deployment["status"])
    let metadata = deployment["metadata"]
    // The API server fills in 1 for a Deployment that does not say.
    let desired = spec?["replicas"]?.int ?? 1
    let updated = status?["updatedReplicas"]?.int ?? 0
    let (state, reason) = state(deployment, desired: desired, updated: updated)
    return ServiceStatus.Rollout(
      state: state,
      updated: updated,
      desired: desired,
      revision: metadata?["annotations"]?["deployment.kubernetes.io/revision"]?.string,
      reason: reason
    )
  }

  static func replicas(_ deployment: JSONValue) -> ServiceStatus.Replicas {
    let status = deployment["status"]
    return ServiceStatus.Replicas(
      desired: deployment["spec"]?["replicas"]?.int ?? 1,
      running: status?["replicas"]?.int ?? 0,
      ready: status?["readyReplicas"]?.int ?? 0
    )
  }

  private static func state(
    _ deployment: JSONValue,
    desired: Int,
    updated: Int
  ) -> (ServiceStatus.Rollout.State, reason: String?) {
    let status = deployment["status"]
    let generation = deployment["metadata"]?["generation"]?.int ?? 0
    // Until the controller has seen the change, the numbers are those of what was there before.
    if status?["observedGeneration"]?.int ?? 0 < generation {
      return (.inProgress, "the controller has not seen the change yet")
    }
    let progressing = condition("Progressing", of: deployment)
    if progressing?["status"] == "False", progressing?["reason"] == "ProgressDeadlineExceeded" {
      return (.failed, progressing?["message"]?.string ?? "the progress deadline has passed")
    }
    let total = status?["replicas"]?.int ?? 0
    let available = status?["availableReplicas"]?.int ?? 0
    if deployment["spec"]?["paused"] == true, updated < desired || total > updated {
      return (.paused, "the Deployment is paused")
    }
    if updated < desired {
      let failure = condition("ReplicaFailure", of: deployment)
      return (.inProgress, failure?["status"] == "True" ? failure?["message"]?.string : nil)
    }
    if total > updated { return (.inProgress, "\(total - updated) of an earlier revision still to go") }
    // Once the newest ReplicaSet was whole, pods that fall ill are no roll-out.
    if available < updated, progressing?["reason"] != "NewReplicaSetAvailable" {
      return (.inProgress, "\(available) of \(updated) updated are available")
    }
    return (.complete, nil)
  }

  static func condition(_ type: String, of object: JSONValue) -> JSONValue? {
    object["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
  }
}

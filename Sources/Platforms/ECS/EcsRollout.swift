import StackModel

/// What ECS says of a service's deployments.
enum EcsRollout {
  static func rollout(_ service: JSONValue) -> ServiceStatus.Rollout {
    let deployments = service["deployments"]?.array ?? []
    let primary = deployments.first { $0["status"] == "PRIMARY" }
    // The circuit breaker marks the deployment that failed and makes the earlier one the primary again.
    // One that is older than the primary is what the primary is to mend.
    let failed = deployments.first { deployment in
      deployment["status"] != "PRIMARY" && deployment["rolloutState"] == "FAILED"
        && !isOlder(deployment, than: primary)
    }
    let desired = primary?["desiredCount"]?.int ?? service["desiredCount"]?.int ?? 0
    let running = primary?["runningCount"]?.int ?? 0
    let isSettled = running == desired && deployments.count <= 1
    let state: ServiceStatus.Rollout.State =
      if failed != nil || isRollback(primary, of: service) {
        .rolledBack
      } else {
        switch primary?["rolloutState"]?.string {
        case "COMPLETED": .complete
        case "FAILED": .failed
        case "IN_PROGRESS": .inProgress
        // Only deployments of the rolling kind have a state.
        default: isSettled ? .complete : .inProgress
        }
      }
    return ServiceStatus.Rollout(
      state: state,
      updated: running,
      desired: desired,
      revision: (primary?["taskDefinition"] ?? service["taskDefinition"])?.string.map(lastPart),
      id: (failed ?? primary)?["id"]?.string,
      reason: reason(state, failed ?? primary)
    )
  }

  /// Whether what runs now is what ran before a deployment that failed. Once the way back is complete, only
  /// words tell of it; without them a service that refused its new version would pass for a healthy one.
  private static func isRollback(_ primary: JSONValue?, of service: JSONValue) -> Bool {
    let reason = primary?["rolloutStateReason"]?.string ?? ""
    if reason.contains("rolling back") || reason.contains("rolled back") { return true }
    guard let id = primary?["id"]?.string else { return false }
    return (service["events"]?.array ?? []).contains { event in
      let message = event["message"]?.string ?? ""
      return message.contains("rolling back") && message.contains(id)
    }
  }

  /// Times are seconds since 1970 in the API's JSON; what gives none is not older.
  private static func isOlder(_ deployment: JSONValue, than primary: JSONValue?) -> Bool {
    guard let time = deployment["createdAt"]?.double, let begun = primary?["createdAt"]?.double else {
      return false
    }
    return time < begun
  }

  static func replicas(_ service: JSONValue) -> ServiceStatus.Replicas {
    ServiceStatus.Replicas(
      desired: service["desiredCount"]?.int ?? 0,
      running: service["runningCount"]?.int ?? 0,
      ready: nil
    )
  }

  private static func reason(_ state: ServiceStatus.Rollout.State, _ deployment: JSONValue?) -> String? {
    guard state != .complete else { return nil }
    let failures = deployment?["failedTasks"]?.int ?? 0
    let parts = [
      deployment?["rolloutStateReason"]?.string,
      failures > 0 ? "\(failures) task\(failures == 1 ? "" : "s") failed" : nil,
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// What follows the last slash of an ARN.
  static func lastPart(_ arn: String) -> String { arn.split(separator: "/").last.map(String.init) ?? arn }
}

extension ServiceStatus {
  /// The form of `status --output json`, described in `docs/status.md`. What does not apply is null.
  package var json: JSONValue {
    [
      "subject": .string(subject),
      "health": .string(health.rawValue),
      "rollout": [
        "state": .string(rollout.state.rawValue),
        "updated": .int(rollout.updated),
        "desired": .int(rollout.desired),
        "revision": text(rollout.revision),
        "id": text(rollout.id),
        "reason": text(rollout.reason),
      ],
      "replicas": [
        "desired": .int(replicas.desired),
        "running": .int(replicas.running),
        "ready": number(replicas.ready),
      ],
      "problems": .array(problems.map(\.json)),
      "autoscaling": autoscaling?.json ?? .null,
      "endpoints": .array(endpoints.map(\.json)),
      "notes": texts(notes),
      "fetched_at": .string(fetchedAt.description),
    ]
  }
}

extension ServiceStatus.Problem {
  fileprivate var json: JSONValue {
    [
      "subject": .string(subject),
      "alike": .int(alike),
      "reasons": texts(reasons),
      "events": .array(
        events.map { event in
          [
            "reason": text(event.reason),
            "message": .string(event.message),
            "count": .int(event.count),
            "time": text(event.time),
          ]
        }
      ),
    ]
  }
}

extension ServiceStatus.Autoscaling {
  fileprivate var json: JSONValue {
    [
      "minimum": .int(minimum),
      "maximum": .int(maximum),
      "current": number(current),
      "desired": number(desired),
      "targets": .array(
        targets.map { target in
          ["name": .string(target.name), "current": text(target.current), "target": .string(target.target)]
        }
      ),
      "conditions": texts(conditions),
    ]
  }
}

extension ServiceStatus.Endpoint {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind),
      "address": .string(address),
      "details": texts(details),
      "healthy_targets": number(healthyTargets),
      "unhealthy_targets": .int(unhealthyTargets),
    ]
  }
}

private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
private func number(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
private func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

import StackModel
import YAMLTree

extension K8sService {
  var namespaceForm: JSONValue {
    ["name": .string(namespace.name), "create": .bool(namespace.isCreated)]
  }

  var deploymentForm: JSONValue {
    let block = availability.view
    let deadline = availability.progressDeadline
    return [
      "name": .string(names.name),
      "replicas": .int(availability.minReplicas),
      "min_ready_seconds": .int(block?["minReadySeconds"]?.int ?? 0),
      "revision_history_limit": .int(block?["revisionHistoryLimit"]?.int ?? 10),
      "progress_deadline_seconds": .int(deadline),
      "wait_for_rollout": .bool(block?["waitForRollout"]?.bool ?? true),
      "rollout_timeout_seconds": .int(block?["rolloutTimeoutSeconds"]?.int ?? deadline + 300),
      "strategy": strategyForm,
    ]
  }

  private var strategyForm: JSONValue {
    let block = availability.strategy
    let type = availability.strategyType
    let update: JSONValue = [
      "max_unavailable": .string(block?["maxUnavailable"]?.string ?? "25%"),
      "max_surge": .string(block?["maxSurge"]?.string ?? "25%"),
    ]
    return ["type": .string(type), "rolling_update": type == "Recreate" ? .null : update]
  }

  // MARK: Account and pull secrets

  private var createsServiceAccount: Bool { pod?["serviceAccount"]?["create"]?.bool ?? true }

  /// All pull secrets, each once, the created one last.
  private var pullSecrets: [String] {
    var seen: Set<String> = []
    let names =
      (pod?["imagePullSecrets"]?.strings ?? []) + allContainers.compactMap(\.image.pullSecret)
      + secrets.filter { !$0.isOpaque }.map(\.name)
    return names.filter { seen.insert($0).inserted }
  }

  var serviceAccountForm: JSONValue {
    let block = pod?["serviceAccount"]
    let created: JSONValue = [
      "annotations": .textMap(annotations + Self.pairs(block?["annotations"])),
      "image_pull_secrets": .texts(pullSecrets),
    ]
    return [
      "name": .string(block?["name"]?.string ?? names.name),
      "create": createsServiceAccount ? created : .null,
    ]
  }

  var podPullSecrets: [String] { createsServiceAccount ? [] : pullSecrets }
}

import YAMLTree

/// How many pods, and who decides.
struct K8sAvailability: Sendable {
  let view: DecodingView?
  let replicas: DecodingView?
  let strategy: DecodingView?
  /// As written, whether it is on or not.
  let hpaBlock: DecodingView?
  let pdbBlock: DecodingView?

  init(_ spec: DecodingView) {
    view = spec["availability"]
    replicas = view?["minReplicas"] ?? view?["replicas"]
    strategy = view?["deploymentStrategy"] ?? view?["strategy"]
    hpaBlock = view?["horizontalPodAutoscaling"] ?? view?["hpa"]
    pdbBlock = view?["podDisruptionBudget"] ?? view?["pdb"]
  }

  /// Nil when no autoscaler is wanted.
  var hpa: DecodingView? { hpaBlock.flatMap { $0.isOn("isEnabled", "enabled") ? $0 : nil } }
  var pdb: DecodingView? { pdbBlock.flatMap { $0["enabled"]?.bool == true ? $0 : nil } }

  var minReplicas: Int { replicas?.int ?? 1 }
  var maxReplicas: Int { hpa?["maxReplicas"]?.int ?? max(2 * minReplicas, 3) }
  var strategyType: String { strategy?["type"]?.string ?? "RollingUpdate" }
  var progressDeadline: Int { view?["progressDeadlineSeconds"]?.int ?? 600 }
}

extension DecodingView {
  /// A switch that has two names, of which the schema fills in the first.
  func isOn(_ first: String, _ second: String) -> Bool {
    let second = self[second]?.bool
    return isWritten(first) ? self[first]?.bool ?? false : second ?? self[first]?.bool ?? false
  }
}

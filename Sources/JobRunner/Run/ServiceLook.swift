package import StackModel

/// What a job can ask the platform about the service itself, where its engine and provider know no more.
package struct ServiceLook: Sendable {
  /// What keeps the service from running: nothing when it runs, or when it cannot be told.
  package var problems: @Sendable () async -> [EngineDiagnostic]
  /// How many pods are asked for just now; nil when it cannot be told.
  package var replicas: @Sendable () async -> Int?
  /// Nil while no roll-out is under way.
  package var progress: @Sendable () async -> RolloutProgress?

  package init(
    problems: @escaping @Sendable () async -> [EngineDiagnostic],
    replicas: @escaping @Sendable () async -> Int?,
    progress: @escaping @Sendable () async -> RolloutProgress?
  ) {
    self.problems = problems
    self.replicas = replicas
    self.progress = progress
  }
}

/// Numbers of pods that a plan would write though it does not mean to change them.
enum ResentReplicas {
  /// An update of a Deployment sends the number that the plan's refresh saw. Once somebody else has changed it, an
  /// autoscaler above all, a plan that was kept would undo that.
  ///
  /// - Parameter plan: a plan document.
  static func numbers(in plan: JSONValue) -> [(address: String, replicas: Int)] {
    (plan["resource_changes"]?.array ?? []).compactMap { resource in
      guard resource["type"]?.string?.hasPrefix("kubernetes_deployment") == true,
        resource["change"]?["actions"]?.array == ["update"],
        let before = resource["change"]?["before"]?["spec"]?[0]?["replicas"],
        let after = resource["change"]?["after"]?["spec"]?[0]?["replicas"], before == after,
        // The provider has it as text.
        let number = after.int ?? after.string.flatMap({ Int($0) }), let address = resource["address"]?.string
      else { return nil }
      return (address, number)
    }
  }
}

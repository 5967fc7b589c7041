import StackModel

/// Which pods are not well, and why.
enum PodProblems {
  /// So many are told one by one.
  static let mostListed = 5
  private static let mostEvents = 3

  /// - Parameters:
  ///   - pods: the objects of the service.
  ///   - events: Warning events of the namespace, in any order.
  static func of(pods: [JSONValue], events: [JSONValue]) -> [ServiceStatus.Problem] {
    var found: [(cause: [String], problem: ServiceStatus.Problem)] = []
    for pod in pods where !isWell(pod) {
      let own = KubernetesEvents.about(pod, kind: "Pod", in: events)
      let (reasons, cause) = reasons(pod, events: own)
      guard !reasons.isEmpty else { continue }
      // Pods of one revision fail in the same way: one of them tells it all.
      if let same = found.firstIndex(where: { $0.cause == cause }) {
        found[same].problem.alike += 1
        continue
      }
      found.append(
        (
          cause,
          ServiceStatus.Problem(
            subject: "pod \(name(pod))",
            reasons: reasons,
            events: Array(own.prefix(mostEvents))
          )
        )
      )
    }
    return found.prefix(mostListed).map(\.problem)
  }

  static func name(_ object: JSONValue) -> String { object["metadata"]?["name"]?.string ?? "?" }

  /// Ready, done, or on its way out.
  private static func isWell(_ pod: JSONValue) -> Bool {
    pod["metadata"]?["deletionTimestamp"] != nil || pod["status"]?["phase"] == "Succeeded"
      || DeploymentRollout.condition("Ready", of: pod)?["status"] == "True"
  }

  /// - Returns: the reasons in words, and what makes two pods alike: the same without counts.
  private static func reasons(
    _ pod: JSONValue,
    events: [ServiceStatus.Event]
  ) -> (reasons: [String], cause: [String]) {
    let status = pod["status"]
    var (reasons, cause): ([String], [String]) = ([], [])
    func add(_ reason: String, as kind: String? = nil) {
      reasons.append(reason)
      cause.append(kind ?? reason)
    }
    if status?["phase"] == "Failed" {
      let why = [status?["reason"]?.string, status?["message"]?.string].compactMap { $0 }
      add(why.isEmpty ? "failed" : why.joined(separator: ": "), as: "failed \(why.first ?? "")")
    }
    let scheduled = DeploymentRollout.condition("PodScheduled", of: pod)
    if scheduled?["status"] == "False" {
      let why = [scheduled?["reason"]?.string, scheduled?["message"]?.string].compactMap { $0 }
      add("not scheduled: \(why.joined(separator: ": "))")
    }
    for (list, noun) in [("initContainerStatuses", "init container"), ("containerStatuses", "container")] {
      for container in status?[list]?.array ?? [] {
        guard let (what, kind) = ContainerTrouble.of(container, isInit: noun != "container") else { continue }
        let name = container["name"]?.string ?? "?"
        add("\(noun) \(name): \(what)", as: "\(noun) \(name): \(kind)")
      }
    }
    if reasons.isEmpty, let event = events.first {
      // Nothing but events tells of a volume that cannot be mounted, or of a probe that fails.
      add(event.reason.map { "not ready: \($0)" } ?? "not ready")
    }
    return (reasons, cause)
  }
}

/// What keeps one container of a pod from running, or from being ready.
enum ContainerTrouble {
  /// States on the way to running, of which there is nothing to tell.
  private static let passing: Set<String> = ["ContainerCreating", "PodInitializing"]

  /// - Returns: the trouble in words, and the same without what differs between two pods.
  static func of(_ container: JSONValue, isInit: Bool) -> (what: String, kind: String)? {
    let state = container["state"]
    var parts: [String] = []
    if let waiting = state?["waiting"], let reason = waiting["reason"]?.string, !passing.contains(reason) {
      let message = waiting["message"]?.string
      // The message of a back-off repeats the pod's name; that of an image says what is wrong with it.
      let isTold = reason == "CrashLoopBackOff" || message == nil
      parts.append(isTold ? reason : "\(reason): \(message ?? "")")
    }
    let ended = state?["terminated"] ?? container["lastState"]?["terminated"]
    if let ended, let exit = exit(ended) { parts.append(exit) }
    let restarts = container["restartCount"]?.int ?? 0
    let isReady = container["ready"] == true
    if parts.isEmpty, state?["running"] != nil, !isReady, !isInit {
      parts.append("running, not ready")
    }
    guard !parts.isEmpty, !(isReady && isInit) else { return nil }
    let kind = parts.joined(separator: ", ")
    if restarts > 0 { parts.append("\(restarts) restart\(restarts == 1 ? "" : "s")") }
    return (parts.joined(separator: ", "), kind)
  }

  /// How a container ended; nil for one that did what it should.
  private static func exit(_ ended: JSONValue) -> String? {
    let reason = ended["reason"]?.string
    if let signal = ended["signal"]?.int, signal != 0 { return "ended by signal \(signal)\(words(reason))" }
    guard let code = ended["exitCode"]?.int, code != 0 else {
      return reason == nil || reason == "Completed" ? nil : reason
    }
    let message = ended["message"]?.string.map { ": \($0)" } ?? ""
    return "exit code \(code)\(words(reason))\(message)"
  }

  private static func words(_ reason: String?) -> String {
    // `Error` is what is written when there is nothing to say.
    reason.map { $0 == "Error" ? "" : " (\($0))" } ?? ""
  }
}

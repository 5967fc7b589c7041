package import StackModel

/// How a service is doing, for a person.
package enum StatusText {
  /// - Parameter stack: the name it is told under, for example `shop/prod/AwsEcsService/web`.
  package static func lines(
    _ status: ServiceStatus,
    of stack: String,
    style: Style,
    width: Int
  ) -> [String] {
    var lines = ["\(style.paint(SafeText.line(stack), .strong))  \(health(status.health, style))"]
    func row(_ label: String, _ texts: [String]) {
      for (index, text) in texts.enumerated() {
        let name = TextWidth.pad(index == 0 ? label : "", to: column)
        lines.append("  \(style.paint(name, .dim))  \(text)")
      }
    }
    row("service", [SafeText.line(status.subject)])
    row("roll-out", rollout(status.rollout, style: style, width: width))
    row("replicas", [replicas(status.replicas)])
    if let autoscaling = status.autoscaling {
      row("autoscaling", [range(autoscaling)] + autoscaling.targets.map(target))
      row("", wrapped(autoscaling.conditions, width: width).map { style.paint($0, .warning) })
    }
    for (index, endpoint) in status.endpoints.enumerated() {
      row(index == 0 ? "endpoints" : "", [address(endpoint, style)])
      row("", wrapped(endpoint.details, width: width).map { style.paint("  \($0)", .dim) })
    }
    if !status.problems.isEmpty { lines.append("") }
    for problem in status.problems { lines += problemLines(problem, style: style, width: width) }
    if !status.notes.isEmpty { lines.append("") }
    for note in status.notes {
      lines += wrap("not found out: \(note)", indent: "  ", width: width).map { style.paint($0, .warning) }
    }
    return lines
  }

  /// The width of the labels, of which `autoscaling` is the longest.
  private static let column = 11

  static func health(_ health: ServiceStatus.Health, _ style: Style) -> String {
    switch health {
    case .healthy: style.paint("✓ healthy", .success)
    case .progressing: style.paint("… progressing", .update)
    case .degraded: style.paint("! degraded", .warning)
    case .failed: style.paint("✗ failed", .error)
    }
  }

  /// For example `in progress: 3 of 4 updated`.
  static func progress(_ rollout: ServiceStatus.Rollout) -> String {
    let state =
      switch rollout.state {
      case .complete: "complete"
      case .inProgress: "in progress"
      case .paused: "paused"
      case .failed: "failed"
      case .rolledBack: "rolled back"
      }
    return "\(state): \(rollout.updated) of \(rollout.desired) updated"
  }

  private static func rollout(_ rollout: ServiceStatus.Rollout, style: Style, width: Int) -> [String] {
    var parts = [progress(rollout)]
    if let revision = rollout.revision { parts.append("revision \(SafeText.line(revision))") }
    if let id = rollout.id { parts.append(SafeText.line(id)) }
    let reason = wrapped(rollout.reason.map { [$0] } ?? [], width: width)
    let isBad = rollout.state == .failed || rollout.state == .rolledBack
    return [parts.joined(separator: ", ")] + reason.map { style.paint($0, isBad ? .error : .dim) }
  }

  static func replicas(_ replicas: ServiceStatus.Replicas) -> String {
    let ready = replicas.ready.map { ", \($0) ready" } ?? ""
    return "\(replicas.desired) wanted, \(replicas.running) running\(ready)"
  }

  private static func range(_ autoscaling: ServiceStatus.Autoscaling) -> String {
    let current = autoscaling.current.map { ", now \($0)" } ?? ""
    let desired = autoscaling.desired.flatMap { $0 == autoscaling.current ? nil : ", wants \($0)" } ?? ""
    return "\(autoscaling.minimum) to \(autoscaling.maximum)\(current)\(desired)"
  }

  private static func target(_ target: ServiceStatus.Autoscaling.Target) -> String {
    let current = target.current.map { "\(SafeText.line($0)) of " } ?? "target "
    return "\(SafeText.line(target.name)): \(current)\(SafeText.line(target.target))"
  }

  private static func address(_ endpoint: ServiceStatus.Endpoint, _ style: Style) -> String {
    let text = SafeText.line(endpoint.address)
    let address = text.contains("://") ? style.paint(text, .link) : text
    var parts: [String] = []
    if let healthy = endpoint.healthyTargets { parts.append("\(healthy) healthy") }
    if endpoint.unhealthyTargets > 0 { parts.append("\(endpoint.unhealthyTargets) unhealthy") }
    let targets = parts.isEmpty ? "" : "  (targets: \(parts.joined(separator: ", ")))"
    return "\(SafeText.line(endpoint.kind)) \(address)\(targets)"
  }

  private static func problemLines(
    _ problem: ServiceStatus.Problem,
    style: Style,
    width: Int
  ) -> [String] {
    let alike = problem.alike > 0 ? " and \(problem.alike) more like it" : ""
    let events = problem.events.flatMap { wrap($0.line, indent: "    ", width: width) }
    return ["  \(style.paint(SafeText.line(problem.subject) + alike, .strong))"]
      + problem.reasons.flatMap { wrap($0, indent: "    ", width: width) }.map { style.paint($0, .error) }
      + events.map { style.paint($0, .dim) }
  }

  private static func wrapped(_ texts: [String], width: Int) -> [String] {
    texts.flatMap { TextWrap.lines($0, width: max(20, width - column - 6)) }
  }

  private static func wrap(_ text: String, indent: String, width: Int) -> [String] {
    TextWrap.lines(text, width: max(20, width - indent.count)).map { indent + $0 }
  }
}

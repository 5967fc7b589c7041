import StackModel
import YAMLTree

/// Health checks, limits, and what Windows lacks.
extension EcsRules {
  mutating func checkProcesses() {
    for container in service.containers {
      if let check = container.view["healthCheck"] { checkHealthCheck(check) }
      let limits = container.view["ulimits"]?.list ?? []
      for limit in limits {
        guard let soft = limit["softLimit"]?.int, let hard = limit["hardLimit"]?.int, soft > hard,
          let view = limit["softLimit"]
        else { continue }
        error("ecs.ulimit", view, "softLimit (\(soft)) is more than hardLimit (\(hard))")
      }
      let names = limits.compactMap { limit in limit["name"].map { ($0.string ?? "", $0) } }
      checkUnique("ecs.ulimit", names) { "limit `\($0)` is given twice" }
    }
    if service.isWindows { checkWindows() }
  }

  private mutating func checkHealthCheck(_ check: DecodingView) {
    if let command = check["command"], let words = command.strings {
      if words.first == "NONE" {
        error("ecs.health.command", command, "NONE is no check", hint: "drop `healthCheck`")
      } else if words.first != "CMD" && words.first != "CMD-SHELL" {
        error("ecs.health.command", command, "a list begins with CMD or CMD-SHELL, then comes the command")
      } else if words.count == 1 {
        error("ecs.health.command", command, "there is no command behind \(words[0])")
      }
    }
    let interval = check["intervalSeconds"]?.int ?? 30
    let timeout = check["timeoutSeconds"]?.int ?? 5
    if timeout > interval, let view = check.written("timeoutSeconds") ?? check["intervalSeconds"] {
      error(
        "ecs.health.times",
        view,
        "timeoutSeconds (\(timeout)) is more than intervalSeconds (\(interval))"
      )
    }
  }

  /// `ecs.windows`
  private mutating func checkWindows() {
    for container in service.containers {
      if let view = container.view["user"], view.string?.contains(":") == true {
        error("ecs.windows", view, "Windows containers have no groups in `user`")
      }
      if let view = container.view["ulimits"], view.list?.isEmpty == false {
        error("ecs.windows", view, "Windows containers have no `ulimits`")
      }
    }
    // On Fargate `ecs.fargate.windows` has told it.
    if !service.isFargate { checkWindowsLeftovers("ecs.windows") }
  }
}

import StackModel
import YAMLTree

/// What each launch type does not have.
extension EcsRules {
  mutating func checkFargate() {
    guard service.isFargate else {
      for field in ["platformVersion", "ephemeralStorageGiB"] {
        guard let view = spec.written(field) else { continue }
        let type = service.launchType.rawValue
        error("ecs.fargate.only", view, "`\(field)` is for Fargate; launchType is \(type)")
      }
      return
    }
    checkFargateSize()
    checkInstanceFields()
    checkFargateContainers()
    if service.isWindows { checkFargateWindows() }
  }

  /// `ecs.fargate.size`
  private mutating func checkFargateSize() {
    let (cpu, memory) = (service.taskCpu, service.taskMemory)
    if FargateSizes.has(cpu: cpu, memory: memory) { return }
    error(
      "ecs.fargate.size",
      spec["container"]?["cpu"] ?? spec,
      "Fargate has no size of \(cpu) units with \(memory) MiB",
      hint: FargateSizes.advice(cpu: cpu, memory: memory)
    )
  }

  /// `ecs.fargate.not`, for the task.
  private mutating func checkInstanceFields() {
    if let view = spec["placement"], !isEmptyPlacement(view) {
      error("ecs.fargate.not", view, "`placement` is for instances; Fargate spreads tasks over zones itself")
    }
    if let view = spec["networkMode"], !service.isAwsvpc {
      error(
        "ecs.fargate.not",
        view,
        "`networkMode: \(view.string ?? "")` is for instances; Fargate has awsvpc"
      )
    }
    for volume in service.volumes {
      for form in ["host", "docker"] {
        guard let view = volume[form] else { continue }
        error(
          "ecs.fargate.not",
          view,
          "`\(form)` volumes are for instances; Fargate has EFS volumes and scratch space"
        )
      }
    }
  }

  private func isEmptyPlacement(_ view: DecodingView) -> Bool {
    view.nonEmptyList("strategies") == nil && view.nonEmptyList("constraints") == nil
  }

  /// `ecs.fargate.not` and `ecs.fargate.timeouts`, for containers.
  private mutating func checkFargateContainers() {
    for container in service.containers {
      for port in container.ports {
        guard let host = port.givenHostPort, host != port.containerPort else { continue }
        error(
          "ecs.fargate.not",
          port.view["hostPort"] ?? port.view,
          "`hostPort` is for instances; Fargate opens the container's own port"
        )
      }
      for limit in container.view["ulimits"]?.list ?? [] where limit["name"]?.string != "nofile" {
        if service.isWindows { continue }
        error(
          "ecs.fargate.not",
          limit["name"] ?? limit,
          "`ulimits` other than nofile are for instances; Fargate lets only nofile be changed"
        )
      }
      for field in ["startTimeoutSeconds", "stopTimeoutSeconds"] {
        guard let view = container.view[field], let seconds = view.int, seconds > 120 else { continue }
        error("ecs.fargate.timeouts", view, "`\(field)` is \(seconds); Fargate takes at most 120")
      }
    }
  }

  /// `ecs.fargate.windows`
  private mutating func checkFargateWindows() {
    let sizes = [1024, 2048, 4096]
    if let view = spec["container"]?["cpu"], !sizes.contains(service.taskCpu) {
      error(
        "ecs.fargate.windows",
        view,
        "Windows on Fargate has no \(service.taskCpu) units",
        hint: "cpu is \(Words.alternatives(sizes.map(String.init)))"
      )
    }
    if let view = spec["runtimePlatform"]?["cpuArchitecture"], view.string == "ARM64" {
      error("ecs.fargate.windows", view, "Windows on Fargate is X86_64")
    }
    for volume in service.volumes {
      guard let view = volume["efs"] else { continue }
      error("ecs.fargate.windows", view, "Windows on Fargate has no EFS volumes")
    }
    checkWindowsLeftovers("ecs.fargate.windows")
  }

  /// Settings of Linux containers that Windows does not have on any launch type.
  mutating func checkWindowsLeftovers(_ code: String) {
    for container in service.containers {
      if let view = container.view["readonlyRootFilesystem"], view.bool == true {
        error(code, view, "Windows containers have no `readonlyRootFilesystem`")
      }
      if let view = container.view["linuxParameters"] {
        error(code, view, "Windows containers have no `linuxParameters`")
      }
    }
  }

  /// `ecs.external`
  mutating func checkExternal() {
    guard service.launchType == .external else { return }
    let rebalancing = spec["deployment"]?["availabilityZoneRebalancing"]
    let placement = spec["placement"].flatMap { isEmptyPlacement($0) ? nil : $0 }
    var fields: [(DecodingView?, String)] = [
      (service.alb, "load balancers"), (service.nlb, "load balancers"),
      (service.serviceConnect, "Service Connect"), (service.serviceDiscovery, "service discovery"),
      (service.isAwsvpc ? spec["networkMode"] : nil, "network mode awsvpc"), (placement, "placement"),
      (rebalancing?.bool == true ? rebalancing : nil, "zones to balance"),
    ]
    fields += service.volumes.map { ($0["efs"], "EFS volumes") }
    for (view, what) in fields {
      guard let view else { continue }
      error("ecs.external", view, "external instances have no \(what)")
    }
  }

  mutating func checkPlacement() {
    for strategy in spec["placement"]?["strategies"]?.list ?? [] { checkPlacementField(strategy) }
    for constraint in spec["placement"]?["constraints"]?.list ?? [] {
      let isMemberOf = constraint["type"]?.string == "memberOf"
      if isMemberOf, constraint["expression"] == nil {
        error("ecs.placement.expression", constraint, field: "expression", "`memberOf` needs an `expression`")
      } else if !isMemberOf, let view = constraint["expression"] {
        error("ecs.placement.expression", view, "`distinctInstance` has no `expression`")
      }
    }
  }

  /// `ecs.placement.field`
  private mutating func checkPlacementField(_ strategy: DecodingView) {
    let type = strategy["type"]?.string ?? ""
    switch (type, strategy["field"]) {
    case ("random", let view?): error("ecs.placement.field", view, "`random` has no `field`")
    case ("spread", nil), ("binpack", nil):
      error(
        "ecs.placement.field",
        strategy,
        field: "field",
        "`\(type)` needs a `field`",
        hint: type == "binpack" ? "write cpu or memory" : "for example attribute:ecs.availability-zone"
      )
    case ("binpack", let view?) where view.string != "cpu" && view.string != "memory":
      error("ecs.placement.field", view, "`binpack` goes by cpu or memory")
    default: break
    }
  }
}

import StackModel
import YAMLTree

extension K8sRules {
  /// `k8s.replicas.zero` and `k8s.hpa.min`
  mutating func checkReplicas() {
    let availability = service.availability
    guard availability.minReplicas == 0, let view = availability.replicas else { return }
    if availability.hpa != nil {
      error("k8s.hpa.min", view, "an autoscaler keeps at least one pod", hint: "set `minReplicas: 1`")
    } else {
      warning("k8s.replicas.zero", view, "no pod will run")
    }
  }

  mutating func checkAutoscaling() {
    let availability = service.availability
    guard let block = availability.hpa else {
      checkUnused(availability.hpaBlock)
      return
    }
    if let view = block["maxReplicas"] {
      if let most = view.int, most < availability.minReplicas {
        error(
          "k8s.hpa.max",
          view,
          "maxReplicas (\(most)) is less than minReplicas (\(availability.minReplicas))"
        )
      }
    } else {
      let most = availability.maxReplicas
      warning(
        "k8s.hpa.max.default",
        block,
        field: "maxReplicas",
        "`maxReplicas` is not given; \(most) is used",
        hint: "twice minReplicas, and at least 3"
      )
    }
    if let view = block["targetCpuUtilizationPercent"], let share = view.double, Int(exactly: share) == nil {
      error("k8s.hpa.cpu", view, "a target for CPU is a whole number of percent")
    }
    checkMemoryTarget(block)
    checkRequests(block)
  }

  /// `k8s.hpa.off`
  private mutating func checkUnused(_ block: DecodingView?) {
    guard let block else { return }
    let others = (block.entries ?? []).filter { !["isEnabled", "enabled"].contains($0.key) }
    guard let (name, view) = others.first(where: { block.isWritten($0.key) }) else { return }
    warning(
      "k8s.hpa.off",
      view,
      "`\(name)` has no effect: the autoscaler is not enabled",
      hint: "set `isEnabled: true`"
    )
  }

  /// `k8s.hpa.memory`
  private mutating func checkMemoryTarget(_ block: DecodingView) {
    guard let view = block["targetMemoryUtilization"], let text = view.string else { return }
    if let quantity = Quantity(text), !quantity.isZero {
      if block["targetMemoryUtilizationPercent"] != nil {
        error(
          "k8s.hpa.memory",
          view,
          "`targetMemoryUtilization` and `targetMemoryUtilizationPercent` are two targets for one thing",
          hint: "keep one of them"
        )
      }
      return
    }
    let number = text.hasSuffix("%") ? String(text.dropLast()) : nil
    error(
      "k8s.hpa.memory",
      view,
      "`\(text)` is not an amount of memory",
      hint: number.flatMap { Int($0) }.map {
        "for a percentage write `targetMemoryUtilizationPercent: \($0)`"
      } ?? Self.meant(text)
    )
  }

  /// `k8s.hpa.request`: a share is one of what is requested.
  private mutating func checkRequests(_ block: DecodingView) {
    var targets: [(resource: String, container: String?, view: DecodingView)] = []
    if K8sService.cpuTarget(block) != nil, let view = block["targetCpuUtilizationPercent"] {
      targets.append(("cpu", nil, view))
    }
    if let view = block["targetMemoryUtilizationPercent"] { targets.append(("memory", nil, view)) }
    for metric in block["metrics"]?.list ?? [] {
      guard let view = metric["averageUtilization"], let name = metric["name"]?.string else { continue }
      targets.append((name, metric["container"]?.string, view))
    }
    let hasOther = block["targetMemoryUtilization"] != nil || block.nonEmptyList("metrics") != nil
    if targets.isEmpty, !hasOther { targets.append(("cpu", nil, block)) }
    for (resource, name, view) in targets where ["cpu", "memory"].contains(resource) {
      let containers = service.containers.filter { name == nil || $0.name == name }
      for container in containers
      where !["requests", "limits"].contains(where: { container.amounts($0).contains { $0.name == resource } }
      ) {
        error(
          "k8s.hpa.request",
          view,
          "the share is of what is requested, and container `\(container.name)` requests no \(resource)",
          hint: "set `\(container.view.path).resources.requests.\(resource)`"
        )
      }
    }
  }

  /// `k8s.hpa.metric`
  mutating func checkMetrics() {
    for metric in service.availability.hpa?["metrics"]?.list ?? [] {
      checkTarget(metric)
      checkSubject(metric)
      for field in ["averageValue", "value"] {
        guard let view = metric[field], let text = view.string else { continue }
        if let quantity = Quantity(text), !quantity.isZero { continue }
        error("k8s.hpa.metric", view, "`\(text)` is not an amount above 0", hint: Self.meant(text))
      }
    }
  }

  private static let targets = ["averageUtilization", "averageValue", "value"]

  private mutating func checkTarget(_ metric: DecodingView) {
    let type = metric["type"]?.string ?? ""
    let isResource = ["Resource", "ContainerResource"].contains(type)
    let targets = Self.targets.filter { metric[$0] != nil }
    if targets.count != 1 {
      let words = targets.isEmpty ? "none" : targets.map { "`\($0)`" }.joined(separator: " and ")
      error(
        "k8s.hpa.metric",
        metric,
        "a metric has one target; this one has \(words)",
        hint: isResource ? "for example `averageUtilization: 80`" : "for example `averageValue: \"100\"`"
      )
    }
    if let view = metric["averageUtilization"], !isResource {
      error("k8s.hpa.metric", view, "`averageUtilization` is for Resource and ContainerResource")
    }
    if let view = metric["value"], !["Object", "External"].contains(type) {
      error("k8s.hpa.metric", view, "`value` is for Object and External")
    }
    if isResource, let view = metric["name"], let name = view.string, !["cpu", "memory"].contains(name) {
      error("k8s.hpa.metric", view, "a resource's metric is cpu or memory", hint: "others are of type Pods")
    }
  }

  private mutating func checkSubject(_ metric: DecodingView) {
    let type = metric["type"]?.string ?? ""
    for (field, wanted) in [("container", "ContainerResource"), ("describedObject", "Object")] {
      if type == wanted, metric[field] == nil {
        error("k8s.hpa.metric", metric, field: field, "a metric of type \(type) needs `\(field)`")
      } else if type != wanted, let view = metric[field] {
        error("k8s.hpa.metric", view, "`\(field)` is for type \(wanted)")
      }
    }
    if let view = metric["selector"], !["Pods", "Object", "External"].contains(type) {
      error("k8s.hpa.metric", view, "`selector` is for Pods, Object and External")
    }
    let names = service.containers.map(\.name)
    if type == "ContainerResource", let view = metric["container"], let name = view.string,
      !names.contains(name)
    {
      error("k8s.hpa.metric", view, "the pod has no container `\(name)`", hint: Self.nearest(name, names))
    }
  }

  mutating func checkRollout() {
    checkStrategy()
    guard let block = service.availability.view else { return }
    let deadline = service.availability.progressDeadline
    if let ready = block["minReadySeconds"]?.int, deadline <= ready,
      let view = block.written("progressDeadlineSeconds") ?? block["minReadySeconds"]
    {
      error(
        "k8s.rollout.deadline",
        view,
        "progressDeadlineSeconds (\(deadline)) has to be more than minReadySeconds (\(ready))"
      )
    }
    if let view = block["rolloutTimeoutSeconds"], let limit = view.int, limit <= deadline {
      warning(
        "k8s.rollout.timeout",
        view,
        "Terraform gives up before Kubernetes says why",
        hint: "more than progressDeadlineSeconds (\(deadline))"
      )
    }
  }

  private mutating func checkStrategy() {
    guard let block = service.availability.strategy else { return }
    let fields = ["maxUnavailable", "maxSurge"].compactMap { block[$0] }
    if service.availability.strategyType == "Recreate" {
      for view in fields {
        error(
          "k8s.strategy.recreate",
          view,
          "Recreate stops all pods first, so there is nothing to limit",
          hint: "drop `\(view.path.lastKey ?? "")`"
        )
      }
      return
    }
    for view in fields {
      checkShare(view, "k8s.strategy.form", isLimited: view.path.lastKey == "maxUnavailable")
    }
    if fields.count == 2, fields.allSatisfy({ ["0", "0%"].contains($0.string) }) {
      error(
        "k8s.strategy.zero",
        fields[1],
        "with neither room below nor above, no pod can be replaced",
        hint: "set one of `maxUnavailable` and `maxSurge` to 1"
      )
    }
  }

  /// A number or percentage.
  private mutating func checkShare(_ view: DecodingView, _ code: String, isLimited: Bool) {
    guard let text = view.string else { return }
    if !text.isNumberOrPercentage {
      error(code, view, "`\(text)` is not a number or percentage", hint: "for example 1 or 25%")
    } else if isLimited, text.hasSuffix("%"), Int(text.dropLast()) ?? 101 > 100 {
      error(code, view, "`\(text)` is more than all pods")
    }
  }

  mutating func checkDisruptionBudget() {
    guard let block = service.availability.pdb else { return }
    if let view = block["maxUnavailable"], block["minAvailable"] != nil {
      error(
        "k8s.pdb.one",
        view,
        "`minAvailable` and `maxUnavailable` exclude each other",
        hint: "keep one of them"
      )
      return
    }
    for field in ["minAvailable", "maxUnavailable"] {
      if let view = block[field] { checkShare(view, "k8s.pdb.form", isLimited: true) }
    }
    let most = block["maxUnavailable"]?.string
    let least = block["minAvailable"]?.string ?? (most == nil ? "1" : nil)
    let replicas = service.availability.minReplicas
    let keepsAll = least.map { $0 == "100%" || Int($0).map { $0 >= replicas } ?? false } ?? false
    if keepsAll || ["0", "0%"].contains(most) {
      warning(
        "k8s.pdb.blocks",
        block["minAvailable"] ?? block["maxUnavailable"] ?? block,
        "no node that runs a pod of this service can be drained",
        hint: keepsAll ? "keep fewer than `minReplicas` (\(replicas))" : nil
      )
    }
  }
}

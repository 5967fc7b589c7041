import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkNames() {
    let view = service.metadata["name"] ?? service.metadata
    if !service.names.name.isServiceName {
      var nearest = service.names.name.nearestDNSLabel[...]
      while let first = nearest.unicodeScalars.first, !first.isAsciiLetter { nearest.removeFirst() }
      let length = service.names.name.utf8.count
      error(
        "k8s.name.form",
        view,
        length > 63
          ? "the name has \(length) characters, 63 are possible"
          : "the name of a Service has lower-case letters, digits and hyphens and begins with a letter",
        hint: nearest.isEmpty ? nil : "for example `\(nearest)`"
      )
    }
    checkNamespace()
    if let version = spec["version"], let text = version.string, text.isEmpty || !text.isLabelValue {
      error(
        "k8s.version.form",
        version,
        "a version has letters, digits, `.`, `_` and `-`, and begins and ends with a letter or digit",
        hint: "it becomes the label app.kubernetes.io/version"
      )
    }
    if let cluster = spec["targetCluster"] {
      let name = cluster["clusterName"]?.value.map { " `\($0)`" } ?? ""
      warning(
        "k8s.target-cluster",
        cluster,
        "the credentials decide which cluster is used; the manifest's\(name) is not looked up",
        hint: "drop `targetCluster`"
      )
    }
  }

  /// `k8s.namespace.form`, `k8s.namespace.system` and `k8s.namespace.create`
  private mutating func checkNamespace() {
    let namespace = service.namespace
    if namespace.isUnknown || (!namespace.isGiven && !service.names.name.isServiceName) { return }
    let name = namespace.name
    if !name.isDNSLabel {
      let isLong = name.utf8.count > 63
      let subject = namespace.isGiven ? "the namespace" : "the name with the environment"
      error(
        "k8s.namespace.form",
        namespace.view,
        isLong
          ? "\(subject) has \(name.utf8.count) characters, 63 are possible"
          : "the namespace `\(name)` has other than lower-case letters, digits and hyphens, or a hyphen at an end",
        hint: namespace.isGiven ? nil : "set `spec.namespace`"
      )
      return
    }
    if namespace.isSystem, let create = spec["createNamespace"], create.bool == true {
      error(
        "k8s.namespace.create",
        create,
        "the namespace `\(name)` exists in every cluster",
        hint: "drop `createNamespace`"
      )
    } else if name.hasPrefix("kube-") {
      warning("k8s.namespace.system", namespace.view, "Kubernetes keeps the namespace `\(name)` for itself")
    }
  }

  /// `k8s.synonym`
  mutating func checkSynonyms() {
    let availability = spec["availability"]
    let ingress = spec["ingress"]
    var pairs: [(DecodingView?, String, String)] = [
      (availability, "minReplicas", "replicas"),
      (availability, "horizontalPodAutoscaling", "hpa"),
      (availability, "deploymentStrategy", "strategy"),
      (availability, "podDisruptionBudget", "pdb"),
      (ingress, "enabled", "isEnabled"),
      (ingress, "dnsDomain", "endpointDomainName"),
    ]
    pairs += ["horizontalPodAutoscaling", "hpa"].map { (availability?[$0], "isEnabled", "enabled") }
    for (block, name, other) in pairs {
      guard let block, block.isWritten(name), block.isWritten(other), let view = block[other] else {
        continue
      }
      error("k8s.synonym", view, "`\(name)` and `\(other)` are the same field", hint: "keep one of them")
    }
  }

  mutating func checkServiceAccount() {
    guard let account = service.pod?["serviceAccount"] else { return }
    if let view = account["name"], let name = view.string, !name.isDNSName {
      error("k8s.service-account", view, "`\(name)` is not the name of a service account: a DNS name")
    }
    guard account["create"]?.bool == false else { return }
    if account["name"] == nil {
      error(
        "k8s.service-account",
        account,
        field: "name",
        "a service account that is not created has to be named",
        hint: "set `name`; every namespace has the account `default`"
      )
    }
    if let view = account["annotations"], view.entries?.isEmpty == false {
      error("k8s.service-account", view, "annotations are for a service account that is created")
    }
  }
}

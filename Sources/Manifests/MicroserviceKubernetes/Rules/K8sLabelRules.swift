import StackModel
import YAMLTree

extension K8sRules {
  /// `k8s.labels.form` and `k8s.labels.reserved`
  mutating func checkLabels() {
    let policy = service.networkPolicy
    let rules = (policy?["ingress"]?.list ?? []) + (policy?["egress"]?.list ?? [])
    let peers = rules.flatMap { ($0["from"]?.list ?? []) + ($0["to"]?.list ?? []) }
    let metrics = service.availability.hpa?["metrics"]?.list ?? []
    let own = [spec["labels"], service.pod?["labels"]]
    let maps =
      own + [service.pod?["scheduling"]?["nodeSelector"]]
      + peers.flatMap { [$0["podSelector"], $0["namespaceSelector"]] } + metrics.map { $0["selector"] }
    for entry in maps.compactMap(\.self).flatMap({ $0.stringMap ?? [] }) { checkLabel(entry) }
    let reserved =
      service.selector.map(\.0) + ["app.kubernetes.io/name", "app.kubernetes.io/managed-by"]
    for entry in own.compactMap(\.self).flatMap({ $0.stringMap ?? [] }) where reserved.contains(entry.key) {
      error("k8s.labels.reserved", entry.view, "stackjob sets the label `\(entry.key)` itself")
    }
    for affinity in service.pod?["scheduling"]?["nodeAffinity"]?.list ?? [] {
      guard let view = affinity["key"], let key = view.string, !key.isLabelKey else { continue }
      error("k8s.labels.form", view, "`\(key)` cannot be the key of a Kubernetes label")
    }
  }

  private mutating func checkLabel(_ entry: DecodingView.StringEntry) {
    if !entry.key.isLabelKey {
      error(
        "k8s.labels.form",
        entry.view,
        "`\(entry.key)` cannot be the key of a Kubernetes label",
        hint: "a key is a name, or a DNS name, a slash and a name"
      )
    } else if !entry.value.isLabelValue {
      error(
        "k8s.labels.form",
        entry.view,
        "`\(entry.value)` cannot be the value of a Kubernetes label",
        hint: "up to 63 letters, digits, `.`, `_` and `-`, that begin and end with a letter or digit"
      )
    }
  }

  private static let annotationLimit = 256 << 10
  private static let dockerConfigLabel = "kubernetes.project-planton.org/docker-config-json-file"

  /// `k8s.annotations.form` and `k8s.label.docker-config`
  mutating func checkAnnotations() {
    let maps = [
      spec["annotations"], service.pod?["annotations"], service.pod?["serviceAccount"]?["annotations"],
      spec["service"]?["annotations"], service.ingress?["annotations"],
      service.internalIngress?["annotations"],
    ]
    for view in maps.compactMap(\.self) {
      let entries = view.stringMap ?? []
      for entry in entries where !entry.key.isAnnotationKey {
        error("k8s.annotations.form", entry.view, "`\(entry.key)` cannot be the key of an annotation")
      }
      let size = entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
      if size > Self.annotationLimit {
        error("k8s.annotations.form", view, "the annotations have \(size) bytes, 262144 are possible")
      }
    }
    if let view = service.metadata["labels"]?[Self.dockerConfigLabel] {
      warning(
        "k8s.label.docker-config",
        view,
        "the file is not read",
        hint: "give the registry in `spec.pod.imageRegistries`, or a Secret in `spec.pod.imagePullSecrets`"
      )
    }
  }
}

import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkScheduling() {
    let block = service.pod?["scheduling"]
    checkSpread(block?["topologySpread"]?.list ?? [])
    for affinity in block?["nodeAffinity"]?.list ?? [] { checkAffinity(affinity) }
    for toleration in block?["tolerations"]?.list ?? [] { checkToleration(toleration) }
  }

  private struct SpreadKey: Hashable {
    var topology: String
    var policy: String
  }

  /// `k8s.spread.domains` and `k8s.spread.unique`
  private mutating func checkSpread(_ entries: [DecodingView]) {
    for entry in entries where entry["whenUnsatisfiable"]?.string != "DoNotSchedule" {
      guard let view = entry["minDomains"] else { continue }
      error("k8s.spread.domains", view, "`minDomains` needs `whenUnsatisfiable: DoNotSchedule`")
    }
    let keys = entries.map { entry in
      let key = SpreadKey(
        topology: entry["topologyKey"]?.string ?? "",
        policy: entry["whenUnsatisfiable"]?.string ?? ""
      )
      return (key, entry["topologyKey"] ?? entry)
    }
    checkUnique("k8s.spread.unique", keys) { "`\($0.topology)` is spread over with \($0.policy) twice" }
  }

  /// `k8s.affinity.values`
  private mutating func checkAffinity(_ entry: DecodingView) {
    let name = entry["operator"]?.string ?? ""
    let values = entry["values"]?.strings ?? []
    let view = entry["values"] ?? entry["operator"] ?? entry
    switch name {
    case "In", "NotIn":
      if values.isEmpty { error("k8s.affinity.values", view, "\(name) needs `values`") }
    case "Exists", "DoesNotExist":
      if !values.isEmpty { error("k8s.affinity.values", view, "\(name) has no `values`") }
    default:
      if values.count != 1 || Int(values[0]) == nil {
        error("k8s.affinity.values", view, "\(name) needs one whole number in `values`")
      }
    }
  }

  /// `k8s.toleration`
  private mutating func checkToleration(_ entry: DecodingView) {
    let exists = entry["operator"]?.string == "Exists"
    if exists, let view = entry["value"], view.string?.isEmpty == false {
      error("k8s.toleration", view, "Exists has no `value`", hint: "drop it, or use Equal")
    }
    if !exists, entry["key"]?.string ?? "" == "" {
      error(
        "k8s.toleration",
        entry,
        field: "key",
        "Equal needs a `key`",
        hint: "`operator: Exists` without a key tolerates everything"
      )
    }
    if let view = entry["tolerationSeconds"], entry["effect"]?.string != "NoExecute" {
      error("k8s.toleration", view, "`tolerationSeconds` needs `effect: NoExecute`")
    }
    if let view = entry["key"], let key = view.string, !key.isEmpty, !key.isLabelKey {
      error("k8s.toleration", view, "`\(key)` cannot be the key of a taint")
    }
    if let view = entry["value"], let value = view.string, !value.isLabelValue {
      error("k8s.toleration", view, "`\(value)` cannot be the value of a taint")
    }
  }
}

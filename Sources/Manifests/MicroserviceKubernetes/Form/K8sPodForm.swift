import StackModel
import YAMLTree

extension K8sService {
  func podForm(_ revisions: K8sSecretRevisions) -> JSONValue {
    let scheduling = pod?["scheduling"]
    return [
      "labels": .textMap(labels + Self.pairs(pod?["labels"]) + selector),
      "annotations": .textMap(Self.pairs(pod?["annotations"]) + contentAnnotations(revisions)),
      "automount_service_account_token": .bool(pod?["serviceAccount"]?["automountToken"]?.bool ?? false),
      "image_pull_secrets": .texts(podPullSecrets),
      "termination_grace_period_seconds": .int(gracePeriod),
      "dns_policy": .string(pod?["dnsPolicy"]?.string ?? "ClusterFirst"),
      "enable_service_links": .bool(pod?["enableServiceLinks"]?.bool ?? false),
      "share_process_namespace": .bool(pod?["shareProcessNamespace"]?.bool ?? false),
      "node_selector": .textMap(Self.pairs(scheduling?["nodeSelector"])),
      "priority_class_name": .optional(scheduling?["priorityClassName"]?.string),
      "runtime_class_name": .optional(scheduling?["runtimeClassName"]?.string),
      "scheduler_name": .string(scheduling?["schedulerName"]?.string ?? "default-scheduler"),
      "security_context": podSecurityForm,
      "node_affinity": Self.list(scheduling?["nodeAffinity"], Self.affinityForm),
      "tolerations": Self.list(scheduling?["tolerations"], Self.tolerationForm),
      "topology_spread": Self.list(scheduling?["topologySpread"], Self.spreadForm),
      "host_aliases": Self.list(pod?["hostAliases"]) { alias in
        [
          "ip": .optional(alias["ip"]?.string),
          "hostnames": .texts(alias["hostnames"]?.strings ?? []),
        ]
      },
      "containers": .array(containers.map(containerForm)),
      "init_containers": .array(initContainers.map(initContainerForm)),
      "volumes": .array(volumes.map(volumeForm)),
    ]
  }

  var gracePeriod: Int { pod?["terminationGracePeriodSeconds"]?.int ?? 60 }

  static func list(_ view: DecodingView?, _ form: (DecodingView) -> JSONValue) -> JSONValue {
    .array((view?.list ?? []).map(form))
  }

  private var podSecurityForm: JSONValue {
    let block = pod?["securityContext"]
    return [
      "run_as_user": .optional(block?["runAsUser"]?.int),
      "run_as_group": .optional(block?["runAsGroup"]?.int),
      "run_as_non_root": .optional(block?["runAsNonRoot"]?.bool),
      "fs_group": .optional(block?["fsGroup"]?.int),
      "fs_group_change_policy": .optional(block?["fsGroupChangePolicy"]?.string),
      "supplemental_groups": .array((block?["supplementalGroups"]?.list ?? []).map { .optional($0.int) }),
      "seccomp_profile": [
        "type": .string(block?["seccompProfile"]?["type"]?.string ?? "RuntimeDefault"),
        "localhost_profile": .optional(block?["seccompProfile"]?["localhostProfile"]?.string),
      ],
    ]
  }

  private static func affinityForm(_ view: DecodingView) -> JSONValue {
    [
      "key": .optional(view["key"]?.string),
      "operator": .optional(view["operator"]?.string),
      "values": .texts(view["values"]?.strings ?? []),
    ]
  }

  private static func tolerationForm(_ view: DecodingView) -> JSONValue {
    [
      "key": .optional(view["key"]?.string),
      "operator": .string(view["operator"]?.string ?? "Equal"),
      "value": .optional(view["value"]?.string),
      "effect": .optional(view["effect"]?.string),
      "toleration_seconds": .optional(view["tolerationSeconds"]?.int),
    ]
  }

  private static func spreadForm(_ view: DecodingView) -> JSONValue {
    [
      "topology_key": .optional(view["topologyKey"]?.string),
      "max_skew": .int(view["maxSkew"]?.int ?? 1),
      "when_unsatisfiable": .string(view["whenUnsatisfiable"]?.string ?? "ScheduleAnyway"),
      "min_domains": .optional(view["minDomains"]?.int),
    ]
  }
}

import StackModel
import YAMLTree

extension K8sService {
  /// The main container or a sidecar.
  func containerForm(_ container: K8sContainer) -> JSONValue {
    let probes: [(String, JSONValue)] = [
      ("ports", portsForm(container)),
      ("liveness_probe", Self.probeForm(container.view["livenessProbe"], container)),
      ("readiness_probe", Self.probeForm(container.view["readinessProbe"], container)),
      ("startup_probe", Self.probeForm(container.view["startupProbe"], container)),
      ("pre_stop", Self.preStopForm(container.view["lifecycle"]?["preStop"], container)),
    ]
    return .object(JSONObject(processForm(container) + probes + surroundingsForm(container)))
  }

  func initContainerForm(_ container: K8sContainer) -> JSONValue {
    .object(JSONObject(processForm(container) + surroundingsForm(container)))
  }

  private func processForm(_ container: K8sContainer) -> [(String, JSONValue)] {
    let view = container.view
    return [
      ("name", .string(container.name)),
      ("image", .string(container.image.reference)),
      ("image_pull_policy", .string(container.image.pullPolicy)),
      ("command", .optional(view["command"]?.strings)),
      ("args", .optional(view["args"]?.strings)),
      ("working_dir", .optional(view["workingDir"]?.string)),
      ("env", environmentForm(container)),
      ("env_from", Self.environmentSourcesForm(container)),
    ]
  }

  private func surroundingsForm(_ container: K8sContainer) -> [(String, JSONValue)] {
    [
      ("resources", resourcesForm(container)),
      ("volume_mounts", mountsForm(container)),
      ("security_context", Self.securityForm(container.view["securityContext"])),
    ]
  }

  /// The provider takes no SCTP here; Service and policies do without.
  private func portsForm(_ container: K8sContainer) -> JSONValue {
    .array(
      container.ports.filter { $0.transport != "SCTP" }.map { port in
        [
          "name": .optional(port.name),
          "container_port": .int(port.number),
          "protocol": .string(port.transport),
        ]
      }
    )
  }

  private func resourcesForm(_ container: K8sContainer) -> JSONValue {
    func amounts(_ list: String) -> JSONValue {
      .textMap(container.amounts(list).map { ($0.name, $0.text) })
    }
    return ["limits": amounts("limits"), "requests": amounts("requests")]
  }

  private func mountsForm(_ container: K8sContainer) -> JSONValue {
    .array(
      container.mounts.map { mount in
        [
          "name": .optional(mount["name"]?.string),
          "mount_path": .optional(mount["mountPath"]?.string),
          "sub_path": .optional(mount["subPath"]?.string),
          "read_only": .bool(mount["readOnly"]?.bool ?? false || volume(of: mount)?.isReadOnly ?? false),
        ]
      }
    )
  }

  private static func securityForm(_ block: DecodingView?) -> JSONValue {
    let isPrivileged = block?["privileged"]?.bool ?? false
    var capabilities: JSONValue = .null
    if let view = block?["capabilities"] {
      capabilities = ["add": .texts(view["add"]?.strings ?? []), "drop": .texts(view["drop"]?.strings ?? [])]
    }
    var profile: JSONValue = .null
    if let view = block?["seccompProfile"] {
      profile = [
        "type": .string(view["type"]?.string ?? "RuntimeDefault"),
        "localhost_profile": .optional(view["localhostProfile"]?.string),
      ]
    }
    return [
      "allow_privilege_escalation": .bool(isPrivileged || block?["allowPrivilegeEscalation"]?.bool ?? false),
      "privileged": .bool(isPrivileged),
      "read_only_root_filesystem": .bool(block?["readOnlyRootFilesystem"]?.bool ?? false),
      "run_as_user": .optional(block?["runAsUser"]?.int),
      "run_as_group": .optional(block?["runAsGroup"]?.int),
      "run_as_non_root": .optional(block?["runAsNonRoot"]?.bool),
      "capabilities": capabilities,
      "seccomp_profile": profile,
    ]
  }
}

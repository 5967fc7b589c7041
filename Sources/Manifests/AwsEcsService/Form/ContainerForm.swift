import StackModel
import YAMLTree

extension EcsService {
  func containerForm(_ container: EcsContainer, _ revisions: EcsSecretRevisions) -> JSONValue {
    let view = container.view
    let size: [(String, JSONValue)] = [
      ("name", .string(container.name)),
      ("image", .string(container.image.reference)),
      ("essential", .bool(container.isEssential)),
      ("cpu", .optional(container.isMain ? mainCpu : container.ownCpu)),
      ("memory", .optional(container.isMain ? mainMemory : container.ownMemory)),
      ("memory_reservation", .optional(container.memoryReservation)),
    ]
    let surroundings: [(String, JSONValue)] = [
      ("environment", .textMap(container.variables.map { ($0.name, $0.value) })),
      ("environment_files", .texts(view["env"]?.values("s3Files") ?? [])),
      ("secrets", containerSecretsForm(container)),
      ("ports", .array(container.ports.map(portForm))),
      ("docker_labels", labelsForm(container, revisions)),
      ("log_stream_prefix", logging == nil ? .null : .string(names.name)),
    ]
    return .object(JSONObject(size + processForm(view) + surroundings))
  }

  /// What a container runs, and how; the same for the main container and sidecars.
  private func processForm(_ view: DecodingView) -> [(String, JSONValue)] {
    [
      ("entry_point", .optional(view["entryPoint"]?.strings)),
      ("command", .optional(view["command"]?.strings)),
      ("working_directory", .optional(view["workingDirectory"]?.string)),
      ("user", .optional(view["user"]?.string)),
      ("readonly_root_filesystem", .bool(view["readonlyRootFilesystem"]?.bool ?? false)),
      ("init_process_enabled", .optional(view["linuxParameters"]?["initProcessEnabled"]?.bool)),
      ("start_timeout_seconds", .optional(view["startTimeoutSeconds"]?.int)),
      ("stop_timeout_seconds", .optional(view["stopTimeoutSeconds"]?.int)),
      ("repository_credentials_arn", .optional(view.value("repositoryCredentials"))),
      ("health_check", Self.healthCheckForm(view["healthCheck"])),
      ("ulimits", Self.ulimitsForm(view)),
      ("depends_on", Self.dependenciesForm(view)),
      ("mount_points", Self.mountsForm(view)),
    ]
  }

  private var mainCpu: Int? {
    sizesMain ? taskCpu - sidecars.reduce(0) { $0 + ($1.ownCpu ?? 0) } : nil
  }

  private var mainMemory: Int? {
    sizesMain ? taskMemory - sidecars.reduce(0) { $0 + $1.claimedMemory } : nil
  }

  private func containerSecretsForm(_ container: EcsContainer) -> JSONValue {
    let members: [(String, JSONValue)] = container.secrets.map { secret in
      if case .given(let given) = secret.source {
        return (secret.name, ["arn": .string(given.text), "created": .null])
      }
      return (secret.name, ["arn": .null, "created": .string("\(container.name)/\(secret.name)")])
    }
    return .object(JSONObject(members))
  }

  private func portForm(_ port: EcsPort) -> JSONValue {
    [
      "name": .optional(port.name),
      "container_port": .int(port.containerPort),
      "host_port": .int(port.hostPort(in: networkMode)),
      "protocol": .string(port.transport),
      "app_protocol": .optional(port.appProtocol),
    ]
  }

  private func labelsForm(_ container: EcsContainer, _ revisions: EcsSecretRevisions) -> JSONValue {
    var labels = JSONObject()
    if container.isMain, let version = spec["version"]?.string {
      labels["stackjob.version"] = .string(version)
    }
    if let revision = secretsRevisionLabel(of: container, revisions) {
      labels["stackjob.secrets-revision"] = .string(revision)
    }
    return .object(labels)
  }
}

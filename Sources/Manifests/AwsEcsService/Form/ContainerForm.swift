import StackModel
import YAMLTree

extension EcsService {
  func containerForm(_ container: EcsContainer, _ revisions: EcsSecretRevisions) -> JSONValue {
    let view = container.view
    var form = processForm(view)
    form["name"] = .string(container.name)
    form["image"] = .string(container.image.reference)
    form["essential"] = .bool(container.isEssential)
    form["cpu"] = .optional(container.isMain ? mainCpu : container.ownCpu)
    form["memory"] = .optional(container.isMain ? mainMemory : container.ownMemory)
    form["memory_reservation"] = .optional(container.memoryReservation)
    form["environment"] = .textMap(container.variables.map { ($0.name, $0.value) })
    form["environment_files"] = .texts(view["env"]?.values("s3Files") ?? [])
    form["secrets"] = containerSecretsForm(container)
    form["ports"] = .array(container.ports.map(portForm))
    form["docker_labels"] = labelsForm(container, revisions)
    form["log_stream_prefix"] = logging == nil ? .null : .string(names.name)
    return .object(form)
  }

  /// What a container runs, and how; the same for the main container and sidecars.
  private func processForm(_ view: DecodingView) -> JSONObject {
    JSONObject([
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
    ])
  }

  /// Windows on instances ignores a task's size, so the main container gets what sidecars leave of it.
  private var sizesMainContainer: Bool { launchType == .ec2 && isWindows }

  private var mainCpu: Int? {
    sizesMainContainer ? taskCpu - sidecars.reduce(0) { $0 + ($1.ownCpu ?? 0) } : nil
  }

  private var mainMemory: Int? {
    sizesMainContainer ? taskMemory - sidecars.reduce(0) { $0 + $1.claimedMemory } : nil
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
    if container.isMain, let version = spec["version"]?.string { labels["stackjob.version"] = .string(version) }
    if let revision = secretsRevisionLabel(of: container, revisions) {
      labels["stackjob.secrets-revision"] = .string(revision)
    }
    return .object(labels)
  }
}

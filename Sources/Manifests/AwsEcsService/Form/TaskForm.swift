import StackModel
import YAMLTree

extension EcsService {
  func taskForm(_ revisions: EcsSecretRevisions) -> JSONValue {
    let platform = spec["runtimePlatform"]
    // An external machine is what it is, unless the manifest says what the image needs.
    let isOpen = launchType == .external && platform == nil
    return [
      "family": .string(names.qualified),
      "requires_compatibilities": [.string(launchType.rawValue)],
      "network_mode": .string(networkMode.rawValue),
      "cpu": .int(taskCpu),
      "memory": .int(taskMemory),
      "cpu_architecture": isOpen ? .null : .string(platform?["cpuArchitecture"]?.string ?? "X86_64"),
      "operating_system_family": isOpen
        ? .null : .string(platform?["operatingSystemFamily"]?.string ?? "LINUX"),
      "ephemeral_storage_gib": .optional(spec["ephemeralStorageGiB"]?.int),
      "containers": .array(containers.map { containerForm($0, revisions) }),
      "volumes": .array(volumes.map(Self.volumeForm)),
    ]
  }
}

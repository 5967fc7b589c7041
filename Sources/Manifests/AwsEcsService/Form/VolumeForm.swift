import StackModel
import YAMLTree

extension EcsService {
  static func volumeForm(_ volume: DecodingView) -> JSONValue {
    [
      "name": .optional(volume["name"]?.string),
      "host_path": .optional(volume["host"]?["path"]?.string),
      "docker": dockerForm(volume["docker"]),
      "efs": efsForm(volume["efs"]),
    ]
  }

  private static func dockerForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    let scope = block["scope"]?.string ?? "task"
    return [
      "scope": .string(scope),
      // The ECS API takes it for shared volumes alone.
      "autoprovision": scope == "shared" ? .bool(block["autoprovision"]?.bool ?? false) : .null,
      "driver": .string(block["driver"]?.string ?? "local"),
      "driver_opts": textMap(block["driverOpts"]),
      "labels": textMap(block["labels"]),
    ]
  }

  private static func textMap(_ view: DecodingView?) -> JSONValue {
    .textMap((view?.stringMap ?? []).map { ($0.key, $0.value) })
  }

  private static func efsForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    let accessPoint = block.value("accessPointId")
    func word(_ isOn: Bool) -> JSONValue { .string(isOn ? "ENABLED" : "DISABLED") }
    return [
      "file_system_id": .optional(block.value("fileSystemId")),
      "root_directory": accessPoint == nil ? .string(block["rootDirectory"]?.string ?? "/") : .null,
      "access_point_id": .optional(accessPoint),
      "transit_encryption": word(block["transitEncryption"]?.bool ?? true),
      "iam": word(block["iam"]?.bool ?? false),
    ]
  }
}

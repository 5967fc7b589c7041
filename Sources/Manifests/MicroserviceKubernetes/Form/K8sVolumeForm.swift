import StackModel
import YAMLTree

extension K8sService {
  func volumeForm(_ volume: K8sVolume) -> JSONValue {
    var form: JSONObject = JSONObject([
      ("name", .string(volume.name)), ("config_map", .null), ("secret", .null), ("empty_dir", .null),
      ("host_path", .null), ("persistent_volume_claim", .null), ("csi", .null), ("nfs", .null),
      ("service_account_token", .null),
    ])
    guard let (field, block) = volume.blocks.first else { return .object(form) }
    switch field {
    case "configMap":
      let name = block["name"]?.string ?? ""
      let own = configMapFile(name).map { "\(names.name)-\($0)" }
      form["config_map"] = Self.filesForm(block, name: own ?? name)
    case "secret": form["secret"] = Self.filesForm(block, name: block["name"]?.string ?? "")
    case "emptyDir":
      form["empty_dir"] = [
        "medium": .string(block["medium"]?.string ?? ""),
        "size_limit": .optional(block["sizeLimit"]?.string),
      ]
    case "hostPath":
      form["host_path"] = [
        "path": .optional(block["path"]?.string), "type": .string(block["type"]?.string ?? ""),
      ]
    case "pvc":
      form["persistent_volume_claim"] = [
        "claim_name": .optional(block["claimName"]?.string),
        "read_only": .bool(block["readOnly"]?.bool ?? false),
      ]
    case "csi": form["csi"] = Self.driverForm(block)
    case "nfs":
      form["nfs"] = [
        "server": .optional(block["server"]?.string), "path": .optional(block["path"]?.string),
        "read_only": .bool(block["readOnly"]?.bool ?? false),
      ]
    default:
      form["service_account_token"] = [
        "audience": .optional(block["audience"]?.string),
        "expiration_seconds": .int(block["expirationSeconds"]?.int ?? 3600),
        "path": .string(block["path"]?.string ?? "token"),
      ]
    }
    return .object(form)
  }

  /// A ConfigMap or Secret as files.
  private static func filesForm(_ block: DecodingView, name: String) -> JSONValue {
    var items = (block["items"]?.list ?? []).map { item -> JSONValue in
      [
        "key": .optional(item["key"]?.string), "path": .optional(item["path"]?.string),
        "mode": .optional(item["mode"]?.int.map(octal)),
      ]
    }
    if let key = block["key"]?.string {
      items = [["key": .string(key), "path": .string(block["path"]?.string ?? key), "mode": .null]]
    }
    let mode = block["defaultMode"]?.int ?? 0
    return [
      "name": .string(name),
      "default_mode": .string(octal(mode == 0 ? 0o644 : mode)),
      "optional": .bool(block["optional"]?.bool ?? false),
      "items": .array(items),
    ]
  }

  /// `0644`
  private static func octal(_ mode: Int) -> String {
    let digits = String(mode, radix: 8)
    return "0" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  private static func driverForm(_ block: DecodingView) -> JSONValue {
    [
      "driver": .optional(block["driver"]?.string),
      "fs_type": .optional(block["fsType"]?.string),
      "read_only": .bool(block["readOnly"]?.bool ?? true),
      "attributes": .textMap(pairs(block["volumeAttributes"])),
      "publish_secret_name": .optional(block["nodePublishSecretName"]?.string),
    ]
  }
}

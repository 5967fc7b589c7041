import StackModel
import YAMLTree

extension K8sService {
  /// Secrets first, so that a variable can use `$(SECRET)`.
  func environmentForm(_ container: K8sContainer) -> JSONValue {
    let store = secrets.first { $0.isOpaque && $0.name == secretName(of: container) }?.name
    return .array((container.secrets + container.variables).map { Self.variableForm($0, store: store ?? "") })
  }

  private func secretName(of container: K8sContainer) -> String {
    K8sSecret.environmentName(of: container, service: names.name)
  }

  private static func variableForm(_ variable: K8sVariable, store: String) -> JSONValue {
    var form: JSONObject = JSONObject([
      ("name", .string(variable.name)), ("value", .null), ("config_map_key_ref", .null),
      ("secret_key_ref", .null), ("field_ref", .null), ("resource_field_ref", .null),
    ])
    if variable.isStored {
      form["secret_key_ref"] = [
        "name": .string(store), "key": .string(variable.name), "optional": false,
      ]
      return .object(form)
    }
    switch variable.source {
    case .value(let value): form["value"] = .string(value.text)
    case .configMapKey(let view): form["config_map_key_ref"] = keyForm(view)
    case .secretKey(let view): form["secret_key_ref"] = keyForm(view)
    case .field(let view):
      form["field_ref"] = [
        "api_version": .string(view["apiVersion"]?.string ?? "v1"),
        "field_path": .optional(view["fieldPath"]?.string),
      ]
    case .resource(let view):
      form["resource_field_ref"] = [
        "container_name": .optional(view["containerName"]?.string),
        "resource": .optional(view["resource"]?.string),
        "divisor": .string(view["divisor"]?.string ?? "1"),
      ]
    case .environment, .otherResource, nil: break
    }
    return .object(form)
  }

  private static func keyForm(_ view: DecodingView) -> JSONValue {
    [
      "name": .optional(view["name"]?.string),
      "key": .optional(view["key"]?.string),
      "optional": .bool(view["optional"]?.bool ?? false),
    ]
  }

  /// An entry with both sources becomes two, the ConfigMap first.
  static func environmentSourcesForm(_ container: K8sContainer) -> JSONValue {
    .array(
      container.envFrom.flatMap { entry in
        [("configMapRef", "config_map_ref"), ("secretRef", "secret_ref")].compactMap { field, name in
          guard let block = entry[field] else { return nil }
          var form: JSONObject = JSONObject([
            ("prefix", .optional(entry["prefix"]?.string)), ("config_map_ref", .null), ("secret_ref", .null),
          ])
          form[name] = [
            "name": .optional(block["name"]?.string), "optional": .bool(block["optional"]?.bool ?? false),
          ]
          return JSONValue.object(form)
        }
      }
    )
  }
}

import StackModel
import YAMLTree

/// The parts of a container that are laid out as they are written, but for defaults and names.
extension EcsService {
  static func healthCheckForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    let command = block["command"]
    let words = command?.string.map { ["CMD-SHELL", $0] } ?? command?.strings ?? []
    return [
      "command": .texts(words),
      "interval_seconds": .int(block["intervalSeconds"]?.int ?? 30),
      "timeout_seconds": .int(block["timeoutSeconds"]?.int ?? 5),
      "retries": .int(block["retries"]?.int ?? 3),
      "start_period_seconds": .int(block["startPeriodSeconds"]?.int ?? 0),
    ]
  }

  static func ulimitsForm(_ container: DecodingView) -> JSONValue {
    list(container["ulimits"]) { limit in
      [
        "name": .optional(limit["name"]?.string),
        "soft": .optional(limit["softLimit"]?.int),
        "hard": .optional(limit["hardLimit"]?.int),
      ]
    }
  }

  static func dependenciesForm(_ container: DecodingView) -> JSONValue {
    list(container["dependsOn"]) { dependency in
      [
        "container": .optional(dependency["container"]?.string),
        "condition": .string(dependency["condition"]?.string ?? "START"),
      ]
    }
  }

  static func mountsForm(_ container: DecodingView) -> JSONValue {
    list(container["mountPoints"]) { mount in
      [
        "volume": .optional(mount["volume"]?.string),
        "path": .optional(mount["path"]?.string),
        "read_only": .bool(mount["readOnly"]?.bool ?? false),
      ]
    }
  }

  private static func list(_ view: DecodingView?, _ form: (DecodingView) -> JSONValue) -> JSONValue {
    .array((view?.list ?? []).map(form))
  }
}

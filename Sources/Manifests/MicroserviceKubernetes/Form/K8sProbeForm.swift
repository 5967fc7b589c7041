import StackModel
import YAMLTree

extension K8sService {
  static func probeForm(_ probe: DecodingView?, _ container: K8sContainer) -> JSONValue {
    guard let probe else { return .null }
    // In Protocol Buffers, which manifests were first read by, 0 is what an absent number has.
    func number(_ field: String, _ standard: Int) -> JSONValue {
      .int(probe[field]?.int.flatMap { $0 == 0 ? nil : $0 } ?? standard)
    }
    return [
      "initial_delay_seconds": .int(probe["initialDelaySeconds"]?.int ?? 0),
      "period_seconds": number("periodSeconds", 10),
      "timeout_seconds": number("timeoutSeconds", 1),
      "success_threshold": number("successThreshold", 1),
      "failure_threshold": number("failureThreshold", 3),
      "http_get": httpGetForm(probe["httpGet"], container),
      "grpc": grpcForm(probe["grpc"]),
      "tcp_socket": probe["tcpSocket"].map { socket in
        ["port": .optional(K8sPortReference(socket, of: container).number)]
      } ?? .null,
      "exec": execForm(probe["exec"]?["command"]?.strings),
    ]
  }

  static func preStopForm(_ handler: DecodingView?, _ container: K8sContainer) -> JSONValue {
    guard let handler else { return .null }
    let command = handler["sleepSeconds"]?.int.map { ["sleep", String($0)] }
    return [
      "exec": execForm(command ?? handler["exec"]?["command"]?.strings),
      "http_get": httpGetForm(handler["httpGet"], container),
    ]
  }

  private static func execForm(_ command: [String]?) -> JSONValue {
    command.map { ["command": .texts($0)] } ?? .null
  }

  private static func grpcForm(_ block: DecodingView?) -> JSONValue {
    guard let block else { return .null }
    return [
      "port": .optional(block["port"]?.int ?? block["portNumber"]?.int),
      "service": .optional(block["service"]?.string),
    ]
  }

  private static func httpGetForm(_ block: DecodingView?, _ container: K8sContainer) -> JSONValue {
    guard let block else { return .null }
    let host = block["host"]?.string ?? ""
    return [
      "path": .string(block["path"]?.string ?? "/"),
      "port": .optional(K8sPortReference(block, of: container).number),
      "host": host.isEmpty ? .null : .string(host),
      "scheme": .string(block["scheme"]?.string ?? "HTTP"),
      "headers": list(block["httpHeaders"]) { header in
        ["name": .optional(header["name"]?.string), "value": .optional(header["value"]?.string)]
      },
    ]
  }
}

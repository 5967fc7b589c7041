package import StackModel

/// Where spans go, as OpenTelemetry's environment variables say.
package struct TraceSettings: Sendable {
  package var endpoint: String
  /// As lines of a request's head.
  package var headers: [Secret] = []
  package var timeoutSeconds = 10
  package var certificates: String?
  package var clientCertificate: String?
  package var clientKey: String?
  /// What the spans are of: the service's name and whatever else the environment says.
  package var resource: JSONObject
  /// Seconds that spans are gathered for.
  package var delaySeconds = 5.0
  /// How many spans wait at most, and go out at once.
  package var queueSize = 2048
  package var batchSize = 512

  package init(endpoint: String, resource: JSONObject = ["service.name": "stackjob"]) {
    self.endpoint = endpoint
    self.resource = resource
  }

  /// - Parameter version: ours.
  /// - Returns: nil when no traces are wanted, or none can be sent; then the notes say why.
  package static func read(
    _ environment: [String: String],
    version: String
  ) -> (settings: TraceSettings?, notes: [String]) {
    func text(_ name: String) -> String? {
      environment[name].map { trimmed($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    func exporter(_ name: String) -> String? {
      text("OTEL_EXPORTER_OTLP_TRACES_\(name)") ?? text("OTEL_EXPORTER_OTLP_\(name)")
    }
    guard text("OTEL_SDK_DISABLED")?.lowercased() != "true", text("OTEL_TRACES_EXPORTER") != "none" else {
      return (nil, [])
    }
    guard
      let endpoint = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        ?? text("OTEL_EXPORTER_OTLP_ENDPOINT").map({ $0 + ($0.hasSuffix("/") ? "" : "/") + "v1/traces" })
    else { return (nil, []) }
    guard ["http://", "https://"].contains(where: { endpoint.lowercased().hasPrefix($0) }) else {
      return (nil, ["no traces are sent: the collector's URL begins with neither http:// nor https://"])
    }
    var notes: [String] = []
    switch exporter("PROTOCOL") {
    case nil, "http/json": break
    // Collectors take both from one address.
    case "http/protobuf": notes.append("traces are sent as http/json, not http/protobuf")
    case let other:
      return (nil, ["no traces are sent: the protocol \(other ?? "") is not spoken, http/json is"])
    }
    var settings = TraceSettings(endpoint: endpoint)
    settings.resource = resource(text("OTEL_RESOURCE_ATTRIBUTES"), text("OTEL_SERVICE_NAME"), version)
    settings.headers = pairs(exporter("HEADERS") ?? "").map { Secret("\($0.key): \($0.value)") }
    settings.certificates = exporter("CERTIFICATE")
    settings.clientCertificate = exporter("CLIENT_CERTIFICATE")
    settings.clientKey = exporter("CLIENT_KEY")
    func number(_ name: String, _ value: String?) -> Int? {
      guard let value else { return nil }
      if let number = Int(value), number > 0 { return number }
      notes.append("\(name) is no whole number from 1 and counts as not set")
      return nil
    }
    if let milliseconds = number("OTEL_EXPORTER_OTLP_TIMEOUT", exporter("TIMEOUT")) {
      settings.timeoutSeconds = min((milliseconds + 999) / 1000, 60)
    }
    func batch(_ name: String) -> Int? { number("OTEL_BSP_\(name)", text("OTEL_BSP_\(name)")) }
    if let milliseconds = batch("SCHEDULE_DELAY") { settings.delaySeconds = Double(milliseconds) / 1000 }
    if let size = batch("MAX_QUEUE_SIZE") { settings.queueSize = size }
    if let size = batch("MAX_EXPORT_BATCH_SIZE") { settings.batchSize = size }
    settings.batchSize = min(settings.batchSize, settings.queueSize)
    return (settings, notes)
  }

  private static func resource(_ attributes: String?, _ name: String?, _ version: String) -> JSONObject {
    var resource: JSONObject = ["service.name": "stackjob", "service.version": .string(version)]
    for (key, value) in pairs(attributes ?? "") { resource[key] = .string(value) }
    if let name { resource["service.name"] = .string(name) }
    return resource
  }

  /// `key=value,key=value`, each percent-encoded. What is none of that is passed over.
  private static func pairs(_ text: String) -> [(key: String, value: String)] {
    text.split(separator: ",").compactMap { pair in
      guard let equals = pair.firstIndex(of: "=") else { return nil }
      let key = decoded(trimmed(pair[..<equals]))
      let value = decoded(trimmed(pair[pair.index(after: equals)...]))
      // A line's end in a header would be another header.
      guard !key.isEmpty, !(key + value).contains(where: \.isNewline) else { return nil }
      return (key, value)
    }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }

  private static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    let all = Array(text.utf8)
    var index = 0
    while index < all.count {
      if all[index] == UInt8(ascii: "%"), index + 2 < all.count,
        let byte = UInt8(String(decoding: all[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(all[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

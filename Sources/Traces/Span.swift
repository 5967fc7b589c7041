package import StackModel

/// One span of a trace, as OTLP has it.
package struct Span: Sendable {
  package enum Status: Sendable, Equatable {
    case unset
    case ok
    case error(String)
  }

  package var trace: String
  package var id: String
  package var parent: String?
  package var name: String
  package var start: Timestamp
  package var end: Timestamp
  /// Texts, whole numbers and booleans; a null is left out.
  package var attributes: JSONObject
  package var status: Status

  package init(
    trace: String,
    id: String,
    parent: String?,
    name: String,
    start: Timestamp,
    end: Timestamp,
    attributes: JSONObject,
    status: Status
  ) {
    self.trace = trace
    self.id = id
    self.parent = parent
    self.name = name
    self.start = start
    // A clock that was set back must not make a span that ends before it begins.
    self.end = max(start, end)
    self.attributes = attributes
    self.status = status
  }

  /// In OTLP's JSON: ids in hexadecimal, numbers of 64 bits as texts.
  package var json: JSONValue {
    var object = JSONObject([
      ("traceId", .string(trace)), ("spanId", .string(id)), ("name", .string(name)),
      // Internal: it neither serves a call nor makes one.
      ("kind", 1),
      ("startTimeUnixNano", .string(Self.nanoseconds(start))),
      ("endTimeUnixNano", .string(Self.nanoseconds(end))),
      ("attributes", Self.attributes(attributes)),
    ])
    if let parent { object["parentSpanId"] = .string(parent) }
    switch status {
    case .unset: break
    case .ok: object["status"] = ["code": 1]
    case .error(let message): object["status"] = ["code": 2, "message": .string(message)]
    }
    return .object(object)
  }

  private static func nanoseconds(_ time: Timestamp) -> String { "\(max(0, time.milliseconds))000000" }

  static func attributes(_ attributes: JSONObject) -> JSONValue {
    .array(
      attributes.compactMap { key, value in
        let kind: (String, JSONValue)? =
          switch value {
          case .null, .array, .object: nil
          case .bool: ("boolValue", value)
          case .string: ("stringValue", value)
          case .number(let text): value.int == nil ? ("doubleValue", value) : ("intValue", .string(text))
          }
        return kind.map { ["key": .string(key), "value": .object(JSONObject([$0]))] }
      }
    )
  }
}

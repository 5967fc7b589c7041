package import StackModel

extension Wire {
  /// How an attempt ended.
  package struct Report: WireDocument {
    package enum Ending: Sendable {
      case settled(Settlement)
      /// Nothing was begun: the claim is given back and does not count.
      case released(reason: String)
    }

    package var attempt: Int
    package var ending: Ending
    /// The whole log of the attempt; a server has to have just that before it takes the report.
    package var logSize: Int
    package var logDigest: String

    package init(attempt: Int, ending: Ending, logSize: Int, logDigest: String) {
      self.attempt = attempt
      self.ending = ending
      self.logSize = logSize
      self.logDigest = logDigest
    }

    package var json: JSONValue {
      var object = JSONObject([("attempt", .int(attempt))])
      for (key, value) in ending.members { object[key] = value }
      object["events"] = ["size": .int(logSize), "sha256": .string(logDigest)]
      return .object(object)
    }

    package init?(json: JSONValue) {
      guard let attempt = json["attempt"]?.int, let ending = Ending(json: json),
        let size = json["events"]?["size"]?.int, let digest = json["events"]?["sha256"]?.string
      else { return nil }
      self.init(attempt: attempt, ending: ending, logSize: size, logDigest: digest)
    }
  }
}

extension Wire.Report.Ending {
  package var members: [(String, JSONValue)] {
    switch self {
    case .released(let reason): [("settlement", "released"), ("reason", .string(reason))]
    case .settled(.completed(let result, let exitCode, let reason, let diagnostics)):
      [
        ("settlement", "completed"), ("result", .string(result.rawValue)), ("exit_code", .optional(exitCode)),
        ("reason", .optional(reason)), ("diagnostics", .array(diagnostics)),
      ]
    case .settled(.awaitingApproval(let digest, let reason)):
      [
        ("settlement", "awaiting_approval"), ("digest", .string(digest)), ("reason", .optional(reason)),
      ]
    case .settled(.wait(let reason)): [("settlement", "wait"), ("reason", .string(reason))]
    case .settled(.retry(let reason)): [("settlement", "retry"), ("reason", .string(reason))]
    case .settled(.inspect(let reason)): [("settlement", "inspect"), ("reason", .string(reason))]
    }
  }

  package init?(json: JSONValue) {
    let reason = json["reason"]?.string
    switch json["settlement"]?.string {
    case "released": self = .released(reason: reason ?? "")
    case "completed":
      guard let result = json["result"]?.string.flatMap(QueuedJob.Result.init) else { return nil }
      self = .settled(
        .completed(
          result,
          exitCode: json["exit_code"]?.int,
          reason: reason,
          diagnostics: json["diagnostics"]?.array ?? []
        )
      )
    case "awaiting_approval":
      guard let digest = json["digest"]?.string else { return nil }
      self = .settled(.awaitingApproval(digest: digest, reason: reason))
    case "wait": self = .settled(.wait(reason: reason ?? ""))
    case "retry": self = .settled(.retry(reason: reason ?? ""))
    case "inspect": self = .settled(.inspect(reason: reason ?? ""))
    default: return nil
    }
  }
}

import StackModel

/// One thing that was looked at: what was found and, if it is wrong, what to do.
struct DoctorCheck: Sendable {
  enum Status: String, Sendable {
    case ok
    /// Works, but something is worth knowing.
    case notice
    case missing
  }

  /// For example `terraform`.
  var name: String
  var status: Status
  var found: String
  var advice: String?

  init(_ name: String, _ status: Status, _ found: String, advice: String? = nil) {
    self.name = name
    self.status = status
    self.found = found
    self.advice = advice
  }

  var json: JSONValue {
    var object: JSONObject = [
      "name": .string(name), "status": .string(status.rawValue), "found": .string(found),
    ]
    if let advice { object["advice"] = .string(advice) }
    return .object(object)
  }
}

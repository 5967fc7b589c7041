import StackModel

enum KubernetesEvents {
  /// The events about one object, newest first.
  static func about(_ object: JSONValue, kind: String, in events: [JSONValue]) -> [ServiceStatus.Event] {
    let (name, uid) = (object["metadata"]?["name"]?.string, object["metadata"]?["uid"]?.string)
    return
      events.filter { event in
        let about = event["involvedObject"]
        guard about?["kind"]?.string == kind, about?["name"]?.string == name else { return false }
        // An object that was made anew under the same name does not answer for the earlier one.
        guard let uid, let other = about?["uid"]?.string else { return true }
        return uid == other
      }
      .map(event)
      .sorted { ($0.time ?? "") > ($1.time ?? "") }
  }

  private static func event(_ object: JSONValue) -> ServiceStatus.Event {
    // Events of the newer API count in a series, those of the older one in themselves.
    let series = object["series"]
    let time =
      series?["lastObservedTime"]?.string ?? object["lastTimestamp"]?.string ?? object["eventTime"]?.string
      ?? object["metadata"]?["creationTimestamp"]?.string
    return ServiceStatus.Event(
      reason: object["reason"]?.string,
      message: object["message"]?.string ?? object["note"]?.string ?? "",
      count: series?["count"]?.int ?? object["count"]?.int ?? 1,
      time: time
    )
  }
}

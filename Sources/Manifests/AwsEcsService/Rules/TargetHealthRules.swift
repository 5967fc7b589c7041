import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkTargetHealth() {
    if let alb = service.alb {
      if let view = alb["healthCheck"]?["protocol"], view.string == "TCP" {
        error("ecs.alb.health.protocol", view, "an Application Load Balancer checks by HTTP or HTTPS")
      }
      let isGRPC = alb["targetProtocolVersion"]?.string == "GRPC"
      check(EcsTargetHealthCheck(alb: alb), codes: isGRPC ? 0...99 : 200...499)
    }
    for listener in service.nlbListeners {
      check(EcsTargetHealthCheck(nlbListener: listener.view), codes: 200...499)
    }
  }

  /// `ecs.health-check.range`
  private mutating func check(_ check: EcsTargetHealthCheck, codes: ClosedRange<Int>) {
    guard let view = check.view else { return }
    let ranges = [
      ("interval", 5...300), ("timeout", 2...120), ("healthyThreshold", 2...10),
      ("unhealthyThreshold", 2...10),
    ]
    for (field, range) in ranges {
      guard let value = view[field]?.int, value != 0, !range.contains(value), let place = view[field] else {
        continue
      }
      problem(place, "`\(field)` is from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    if check.timeout >= check.interval, let place = view.written("timeout") ?? view["interval"] {
      problem(
        place,
        "the timeout (\(check.timeout) s) has to be less than the interval (\(check.interval) s)"
      )
    }
    if let place = view["port"], check.port != "traffic-port", !(1...65535 ~= Int(check.port) ?? 0) {
      problem(place, "`port` is `traffic-port` or a number from 1 to 65535")
    }
    if let place = view["path"], place.string?.hasPrefix("/") == false {
      problem(place, "`path` begins with `/`")
    }
    if let place = view["matcher"], let text = place.string, !Self.isMatcher(text, codes) {
      problem(
        place,
        "`matcher` is a code, a list or a range within \(codes.lowerBound) to \(codes.upperBound)",
        hint: codes.contains(200) ? "for example 200, 200,204 or 200-299" : "for example 0 or 0-99"
      )
    }
  }

  private mutating func problem(_ view: DecodingView, _ message: String, hint: String? = nil) {
    error("ecs.health-check.range", view, message, hint: hint)
  }

  /// `200`, `200,204`, `200-299`, and lists of both.
  static func isMatcher(_ text: String, _ codes: ClosedRange<Int>) -> Bool {
    text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { end in
        end.isMade(of: \.isAsciiDigit) ? Int(end) : nil
      }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else { return false }
      return codes.contains(first) && codes.contains(last) && first <= last
    }
  }
}

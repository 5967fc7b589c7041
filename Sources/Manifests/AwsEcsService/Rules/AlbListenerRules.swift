import StackModel
import YAMLTree

/// Ports, certificates and what the listener does beside routing.
extension EcsRules {
  mutating func checkAlbListener() {
    guard let view = service.alb else { return }
    let alb = EcsAlb(view)
    checkCertificate(view, alb)
    checkRedirect(view, alb)
    let isGRPC = view["targetProtocolVersion"]?.string == "GRPC"
    if let version = view["targetProtocolVersion"], version.string != "HTTP1", !alb.isHTTPS {
      error(
        "ecs.alb.grpc",
        version,
        "`\(version.string ?? "")` needs an HTTPS listener",
        hint: "give `certificateArn`"
      )
    }
    if let slow = view["slowStartSeconds"], let seconds = slow.int, seconds != 0 {
      if isGRPC {
        error("ecs.alb.slow-start", slow, "gRPC targets have no slow start")
      } else if seconds < 30 {
        error("ecs.alb.slow-start", slow, "slowStartSeconds is 0 or from 30 to 900, not \(seconds)")
      }
    }
    if let cookie = view.enabled("stickiness", default: true)?["cookieName"], let name = cookie.string,
      ["AWSALB", "AWSALBAPP", "AWSALBTG"].contains(name)
    {
      error(
        "ecs.alb.stickiness",
        cookie,
        "`\(name)` is the load balancer's own cookie",
        hint: "drop `cookieName`"
      )
    }
  }

  /// `ecs.alb.certificate`
  private mutating func checkCertificate(_ view: DecodingView, _ alb: EcsAlb) {
    guard view["certificateArn"] == nil else { return }
    if alb.isCreated, alb.listenerPort == 443, let port = view["listenerPort"] {
      error("ecs.alb.certificate", port, "a listener on 443 needs `certificateArn`")
    }
    if let policy = view.written("sslPolicy") {
      error("ecs.alb.certificate", policy, "`sslPolicy` needs `certificateArn`")
    }
  }

  /// `ecs.alb.redirect`
  private mutating func checkRedirect(_ view: DecodingView, _ alb: EcsAlb) {
    guard let redirect = view["httpToHttpsRedirect"], redirect.bool == true, !alb.redirects else { return }
    let reason =
      if !alb.isCreated {
        "on a given load balancer the service has one listener only"
      } else if view["certificateArn"] == nil {
        "without `certificateArn` there is no HTTPS to redirect to"
      } else {
        "the service's own listener is on 80"
      }
    error("ecs.alb.redirect", redirect, "nothing to redirect: \(reason)")
  }
}

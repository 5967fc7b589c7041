import StackModel
import YAMLTree

/// Which requests go to the service.
extension EcsRules {
  mutating func checkAlbRouting() {
    guard let view = service.alb else { return }
    let alb = EcsAlb(view)
    checkRoutingType(view, alb)
    if let path = view["path"] { checkPath(path, isUsed: !alb.paths.isEmpty) }
    if let host = view["hostname"], let text = host.string, !Self.isHostPattern(text) {
      error(
        "ecs.alb.hostname",
        host,
        "`\(text)` is not a host name pattern",
        hint: "a host name such as api.example.com: no scheme, no path, no port"
      )
    }
    if let priority = view["listenerPriority"], !alb.hasRule {
      error(
        "ecs.alb.priority",
        priority,
        "`listenerPriority` is for a rule, and without `path` or `hostname` there is none"
      )
    }
  }

  /// `ecs.alb.routing` and `ecs.alb.routing.unused`
  private mutating func checkRoutingType(_ view: DecodingView, _ alb: EcsAlb) {
    guard let type = view["routingType"], let field = type.string else {
      if view["arn"] != nil, !alb.hasRule {
        error(
          "ecs.alb.routing",
          view,
          "a given load balancer needs `path` or `hostname` to know the service's requests by"
        )
      }
      return
    }
    if view[field] == nil {
      error("ecs.alb.routing", type, "`routingType: \(field)` needs `\(field)`")
    }
    let other = field == "path" ? "hostname" : "path"
    if let unused = view[other] {
      warning(
        "ecs.alb.routing.unused",
        unused,
        "`routingType: \(field)` leaves `\(other)` unused",
        hint: "drop `routingType` to match both"
      )
    }
  }

  private static let pathSigns = Array("_-.$/~\"'@:+&*?".unicodeScalars)

  /// `ecs.alb.path` and `ecs.alb.path.exact`
  private mutating func checkPath(_ view: DecodingView, isUsed: Bool) {
    guard let path = view.string else { return }
    let isLegal =
      path.hasPrefix("/") && path.count <= 128
      && path.isMade { $0.isAsciiLetter || $0.isAsciiDigit || Self.pathSigns.contains($0) }
    if !isLegal {
      error(
        "ecs.alb.path",
        view,
        "`\(path)` is not a path pattern",
        hint: "it begins with `/` and has letters, digits and _-.$/~\"'@:+&*?, at most 128"
      )
    } else if isUsed, path != "/", !path.contains("*"), !path.contains("?") {
      let below = path.hasSuffix("/") ? "\(path)*" : "\(path)/*"
      warning(
        "ecs.alb.path.exact",
        view,
        "`\(path)` matches only `\(path)`",
        hint: "for all below it write `\(below)`"
      )
    }
  }

  /// `ecs.alb.hostname`: a dot with letters behind it, as in `*.example.com`.
  static func isHostPattern(_ text: String) -> Bool {
    guard text.count <= 128, let dot = text.lastIndex(of: ".") else { return false }
    return text.isMade { $0.isNameLetter || $0 == "." || $0 == "*" || $0 == "?" }
      && text[text.index(after: dot)...].isMade { $0.isNameLetter || $0 == "*" || $0 == "?" }
      && text[text.index(after: dot)...].unicodeScalars.contains(where: \.isAsciiLetter)
  }
}

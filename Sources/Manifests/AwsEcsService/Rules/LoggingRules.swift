import StackModel
import YAMLTree

extension EcsRules {
  private static let retentions = [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
    3653,
  ]

  mutating func checkLogging() {
    guard let logging = service.logging else { return }
    if let view = logging["retentionDays"], let days = view.int, !Self.retentions.contains(days) {
      let nearest = Self.retentions.dropFirst().min { abs($0 - days) < abs($1 - days) } ?? 30
      error(
        "ecs.logs.retention",
        view,
        "CloudWatch does not keep logs for \(days) days",
        hint: "nearest: \(nearest); 0 keeps them for ever"
      )
    }
    guard let group = logging["logGroupName"]?.valueView else { return }
    for field in ["retentionDays", "kmsKeyArn"] {
      guard let view = logging.written(field) else { continue }
      error(
        "ecs.logs.existing",
        view,
        "`\(field)` belongs to the existing group",
        hint: "drop it or `logGroupName`"
      )
    }
    if let name = group.string, !Self.isLogGroupName(name) {
      error(
        "ecs.logs.name",
        group,
        "a log group's name has 1 to 512 letters, digits and `_`, `/`, `.`, `#`, `-`"
      )
    }
  }

  static func isLogGroupName(_ name: String) -> Bool {
    name.count <= 512
      && name.isMade { $0.isNameLetter || $0 == "_" || $0 == "/" || $0 == "." || $0 == "#" }
  }
}

import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkRoles() {
    let iam = spec["iam"]
    for (given, additions) in [("taskExecutionRoleArn", "executionRole"), ("taskRoleArn", "taskRole")] {
      if iam?[given] != nil, let view = iam?[additions] {
        error("ecs.iam.given", view, "`\(given)` is given; additions apply to created roles only")
      }
      if let role = iam?[additions] { checkStatements(role) }
    }
    checkExecuteCommand()
  }

  private mutating func checkStatements(_ role: DecodingView) {
    let statements = role["statements"]?.list ?? []
    for statement in statements {
      for action in statement["actions"]?.list ?? [] {
        guard let text = action.string, !Self.isAction(text) else { continue }
        error("ecs.iam.statement", action, "`\(text)` is not an action; write `service:Action` or `*`")
      }
      if statement["effect"]?.string ?? "Allow" == "Allow",
        statement["actions"]?.strings?.contains("*") == true, statement.values("resources").contains("*")
      {
        warning("ecs.iam.wide", statement, "the statement allows everything on everything")
      }
    }
    let sids = statements.compactMap { statement in
      statement["sid"].flatMap { $0.string?.isEmpty == false ? ($0.string ?? "", $0) : nil }
    }
    checkUnique("ecs.iam.statement", sids) { "another statement of the role has the sid `\($0)`" }
    for (sid, view) in sids where sid == EcsService.keyStatementID && role.nonEmptyList("kmsKeyArns") != nil {
      error("ecs.iam.statement", view, "the statement for `kmsKeyArns` has this sid")
    }
  }

  static func isAction(_ text: String) -> Bool {
    if text == "*" { return true }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].isMade { $0.isNameLetter }
      && parts[1].isMade { $0.isNameLetter || $0 == "*" || $0 == "?" || $0 == "_" }
  }

  /// `ecs.exec.role` and `ecs.exec.readonly`
  private mutating func checkExecuteCommand() {
    guard service.enablesExecuteCommand, let view = spec["enableExecuteCommand"] else { return }
    if spec["iam"]?["taskRoleArn"] != nil {
      warning("ecs.exec.role", view, "the given role has to allow the ssmmessages actions itself")
    }
    for container in service.containers {
      guard let readonly = container.view["readonlyRootFilesystem"], readonly.bool == true else { continue }
      warning(
        "ecs.exec.readonly",
        readonly,
        "the agent of execute-command has to write; no session will start in `\(container.name)`"
      )
    }
  }
}

import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkSecrets() {
    checkSecretARNs()
    checkSecretValues()
    let secrets = service.containers.flatMap(\.secrets)
    if let first = secrets.first, spec["iam"]?["taskExecutionRoleArn"] != nil {
      warning(
        "ecs.secret.role",
        first.view,
        "the given role has to allow reading the secrets itself",
        hint: "secretsmanager:GetSecretValue or ssm:GetParameters, and kms:Decrypt for keys of your own"
      )
    }
    if let view = spec["secretStore"]?["recoveryWindowDays"], let days = view.int, 1...6 ~= days {
      error("ecs.secret-store.window", view, "recoveryWindowDays is 0 or from 7 to 30, not \(days)")
    }
  }

  /// `ecs.secret.arn`
  private mutating func checkSecretARNs() {
    for secret in service.containers.flatMap(\.secrets) {
      guard case .wrongARN(let text) = secret.source, !EcsGroups.isReference(text) else { continue }
      let isParameter = ARN(text).map { $0.service == "ssm" && $0.resource.hasPrefix("parameter/") } ?? false
      error(
        "ecs.secret.arn",
        secret.view,
        isParameter
          ? "nothing may stand behind a parameter's ARN"
          : "a secret's ARN is that of a Secrets Manager secret or an SSM parameter",
        hint: secret.view.path.steps.last == .key(secret.name)
          ? "if it is meant as the value itself, write {value: ...}" : nil
      )
    }
  }

  /// `ecs.secret.empty` and `ecs.secret.env`. No message shows a value.
  private mutating func checkSecretValues() {
    for entry in service.secrets.entries {
      let view = entry.secret.view
      if case .environment(let name) = entry.secret.source, inputs.resolvesSecrets, entry.value == nil {
        error(
          "ecs.secret.env",
          view,
          "stackjob's environment has no \(name)",
          hint: "export it before the run"
        )
      }
      guard let value = entry.value?.reveal() else { continue }
      let size = value.utf8.count
      if size == 0 {
        error("ecs.secret.empty", view, "the value of `\(entry.secret.name)` is empty")
      } else if size > service.secrets.sizeLimit {
        let store = service.secrets.isSSM ? "SSM" : "Secrets Manager"
        error(
          "ecs.secret.empty",
          view,
          "the value of `\(entry.secret.name)` has \(size) bytes; \(store) takes \(service.secrets.sizeLimit)"
        )
      }
    }
  }
}

import References
import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkEnvironment() {
    for container in service.containers {
      guard let env = container.view["env"] else { continue }
      let variables = env["variables"]?.entries ?? []
      let secrets = env["secrets"]?.entries ?? []
      for (name, view) in variables where !Self.isVariableName(name) {
        warning("ecs.env.name", view, "most shells cannot read a variable named `\(name)`")
      }
      for (name, view) in secrets where !Self.isVariableName(name) {
        error(
          "ecs.env.name",
          view,
          "`\(name)` is not a legal name for a secret",
          hint: "names have letters, digits and underscores, and do not begin with a digit"
        )
      }
      for (name, view) in variables + secrets where Self.isReserved(name) {
        warning("ecs.env.reserved", view, "ECS sets the variable `\(name)` itself")
      }
      let secretNames = Set(secrets.map(\.key))
      for (name, view) in variables where secretNames.contains(name) {
        error(
          "ecs.env.duplicate",
          view,
          "`\(name)` is both a plain variable and a secret",
          hint: "keep the secret"
        )
      }
      checkPlainSecrets(container)
      checkEnvironmentFiles(env)
    }
  }

  /// `ecs.env.reference`
  mutating func checkGroupReferences() {
    for text in service.manifest.referenceTexts {
      guard let node = service.manifest.tree[text.path] else { continue }
      let view = DecodingView(node, path: text.path)
      let prefix = text.text.hasPrefix(GroupKind.secrets.prefix) ? GroupKind.secrets : .variables
      if text.place == .none {
        error(
          "ecs.env.reference",
          view,
          "a reference into a group is not resolved here",
          hint: "the places are values of `env.variables` and `env.secrets`"
        )
      } else if text.reference == nil {
        error(
          "ecs.env.reference",
          view,
          "a reference has a group and an entry",
          hint: "write `\(prefix.prefix)<group>/<entry>`"
        )
      } else if text.place == .variable, prefix == .secrets {
        error(
          "ecs.env.reference",
          view,
          "`\(text.text)` is a secret, and anyone who may read the task definition can read a variable",
          hint: "move it to `secrets`"
        )
      }
    }
  }

  static func isVariableName(_ name: String) -> Bool {
    name.isMade { $0.isAsciiLetter || $0.isAsciiDigit || $0 == "_" }
      && name.unicodeScalars.first?.isAsciiDigit == false
  }

  static func isReserved(_ name: String) -> Bool {
    name.hasPrefix("AWS_ECS_") || name.hasPrefix("ECS_CONTAINER_METADATA") || name == "AWS_EXECUTION_ENV"
      || name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  }

  private static let secretEndings = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY"]

  /// `ecs.env.looks-secret`
  private mutating func checkPlainSecrets(_ container: EcsContainer) {
    for (name, value, view) in container.variables {
      guard value.count >= 8, !GroupReference.isReference(view.string ?? ""),
        Self.secretEndings.contains(where: name.uppercased().hasSuffix)
      else { continue }
      warning(
        "ecs.env.looks-secret",
        view,
        "`\(name)` looks like a secret, and anyone who may read the task definition can read it",
        hint: "move it to `secrets`"
      )
    }
  }

  /// `ecs.env.s3-files.ec2`
  private mutating func checkEnvironmentFiles(_ env: DecodingView) {
    guard env.nonEmptyList("s3Files") != nil, let view = env["s3Files"],
      spec["iam"]?["taskExecutionRoleArn"] != nil
    else { return }
    warning("ecs.env.s3-files.ec2", view, "the given role has to allow s3:GetObject on the file itself")
  }
}

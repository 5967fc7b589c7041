import StackModel
import YAMLTree

extension EcsService {
  var rolesForm: JSONValue {
    let block = spec["iam"]
    let executionRole = block?.value("taskExecutionRoleArn")
    let taskRole = block?.value("taskRoleArn")
    return [
      "permissions_boundary_arn": .optional(block?.value("permissionsBoundaryArn")),
      "execution": [
        "arn": .optional(executionRole),
        "create": executionRole == nil ? executionRoleForm(block?["executionRole"]) : .null,
      ],
      "task": [
        "arn": .optional(taskRole),
        "create": taskRole == nil ? taskRoleForm(block?["taskRole"]) : .null,
      ],
    ]
  }

  private func executionRoleForm(_ additions: DecodingView?) -> JSONValue {
    let given = containers.flatMap(\.secrets).compactMap { secret in
      if case .given(let given) = secret.source { given } else { nil }
    }
    let credentials = containers.compactMap { $0.view.value("repositoryCredentials") }
    let storeKey = secrets.entries.isEmpty ? nil : secrets.kmsKeyARN
    return [
      "name": .string(EcsNames.short("\(names.qualified)-execution", 64)),
      "ecr_repository_arns": Self.set(containers.compactMap(\.image.ecrRepositoryARN)),
      "secret_arns": Self.set(given.filter { !$0.isParameter }.map(\.resource) + credentials),
      "parameter_arns": Self.set(given.filter(\.isParameter).map(\.resource)),
      "env_file_arns": Self.set(containers.flatMap { $0.view["env"]?.values("s3Files") ?? [] }),
      "kms_key_arns": .texts(
        Self.unique((additions?.values("kmsKeyArns") ?? []) + [storeKey].compactMap(\.self))
      ),
      "managed_policy_arns": .texts(additions?.values("managedPolicyArns") ?? []),
      "statements": .array(Self.statements(additions)),
    ]
  }

  private func taskRoleForm(_ additions: DecodingView?) -> JSONValue {
    var statements = Self.statements(additions)
    let keys = additions?.values("kmsKeyArns") ?? []
    if !keys.isEmpty {
      statements.append([
        "sid": .string(Self.keyStatementID),
        "effect": "Allow",
        "actions": ["kms:Decrypt"],
        "resources": .texts(keys),
        "conditions": [],
      ])
    }
    return [
      "name": .string(EcsNames.short("\(names.qualified)-task", 64)),
      "execute_command": .bool(enablesExecuteCommand),
      "efs": .array(volumes.compactMap(efsPermission)),
      "managed_policy_arns": .texts(additions?.values("managedPolicyArns") ?? []),
      "statements": .array(statements),
    ]
  }

  static let keyStatementID = "DecryptWithGivenKeys"

  /// What the task role needs for a volume that is mounted by it.
  private func efsPermission(_ volume: DecodingView) -> JSONValue? {
    guard let efs = volume["efs"], efs["iam"]?.bool == true else { return nil }
    let mounts = containers.flatMap { $0.view["mountPoints"]?.list ?? [] }
      .filter { $0["volume"]?.string == volume["name"]?.string }
    return [
      "file_system_id": .optional(efs.value("fileSystemId")),
      "access_point_id": .optional(efs.value("accessPointId")),
      "write": .bool(mounts.contains { $0["readOnly"]?.bool != true }),
    ]
  }

  private static func statements(_ role: DecodingView?) -> [JSONValue] {
    (role?["statements"]?.list ?? []).map { statement in
      [
        "sid": .optional(statement["sid"]?.string),
        "effect": .string(statement["effect"]?.string ?? "Allow"),
        "actions": .texts(statement["actions"]?.strings ?? []),
        "resources": .texts(statement.values("resources")),
        "conditions": .array((statement["conditions"]?.list ?? []).map(condition)),
      ]
    }
  }

  private static func condition(_ view: DecodingView) -> JSONValue {
    [
      "test": .optional(view["test"]?.string),
      "variable": .optional(view["variable"]?.string),
      "values": .texts(view["values"]?.strings ?? []),
    ]
  }

  /// Sorted, each once: the order containers stand in does not change a policy.
  private static func set(_ texts: [String]) -> JSONValue { .texts(Set(texts).sorted()) }

  /// Each once, in the order given.
  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }
}

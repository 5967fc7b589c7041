import StackModel

extension EcsService {
  var networkForm: JSONValue {
    let block = spec["network"]
    return [
      "awsvpc": .bool(isAwsvpc),
      "vpc_id": .optional(vpcID),
      "subnets": .texts(subnets),
      "security_groups": .texts(block?.values("securityGroups") ?? []),
      "assign_public_ip": .bool(block?["assignPublicIp"]?.bool ?? false),
      "security_group": hasOwnSecurityGroup ? ["name": .string("\(names.qualified)-service")] : .null,
    ]
  }

  /// Tasks get a security group that lets in the created load balancer alone.
  private var hasOwnSecurityGroup: Bool {
    isAwsvpc && createsLoadBalancer && spec["network"]?.nonEmptyList("securityGroups") == nil
  }

  var loggingForm: JSONValue {
    guard let logging else { return .null }
    let given = logging.value("logGroupName")
    return [
      "group_name": .string(given ?? "/ecs/\(names.qualified)"),
      "create": given != nil
        ? .null
        : [
          "retention_days": .int(logging["retentionDays"]?.int ?? 30),
          "kms_key_arn": .optional(logging.value("kmsKeyArn")),
        ],
    ]
  }
}

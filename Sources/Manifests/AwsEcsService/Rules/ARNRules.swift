import References
import StackModel
import YAMLTree

extension EcsRules {
  mutating func checkARNs() {
    for (view, form) in arnFields { checkForm(view, form) }
    checkRegions()
  }

  /// Every field that takes an ARN and is there.
  private var arnFields: [(DecodingView, ARNForm)] {
    let iam = spec["iam"]
    let cluster = service.cluster.created
    var fields: [(DecodingView?, ARNForm)] = [
      (spec["clusterArn"], .cluster),
      (cluster?["serviceConnectNamespace"], .namespace),
      (cluster?["ec2CapacityProvider"]?["autoScalingGroupArn"], .autoScalingGroup),
      (service.logging?["kmsKeyArn"], .key),
      (spec["secretStore"]?["kmsKeyArn"], .key),
      (iam?["taskExecutionRoleArn"], .role),
      (iam?["taskRoleArn"], .role),
      (iam?["permissionsBoundaryArn"], .policy),
      (service.alb?["arn"], .applicationLoadBalancer),
      (service.alb?["certificateArn"], .certificate),
      (service.nlb?["arn"], .networkLoadBalancer),
    ]
    for listener in service.nlb?["listeners"]?.list ?? [] {
      fields.append((listener["certificateArn"], .certificate))
    }
    for role in [iam?["executionRole"], iam?["taskRole"]] {
      fields += (role?["managedPolicyArns"]?.list ?? []).map { ($0, .policy) }
      fields += (role?["kmsKeyArns"]?.list ?? []).map { ($0, .key) }
    }
    for container in service.containers {
      fields.append((container.view["repositoryCredentials"], .secret))
      fields += (container.view["env"]?["s3Files"]?.list ?? []).map { ($0, .environmentFile) }
    }
    return fields.compactMap { field, form in field.map { ($0, form) } }
  }

  /// `ecs.arn.form`
  private mutating func checkForm(_ field: DecodingView, _ form: ARNForm) {
    let view = field.valueView
    guard let text = view.string, !GroupReference.isReference(text) else { return }
    if let arn = ARN(text), form.matches(arn) { return }
    let isBareName = !text.contains(":") && !text.isEmpty
    error(
      "ecs.arn.form",
      view,
      "`\(view.path)` is not the ARN of \(form.what)",
      hint: isBareName
        ? "a name does not do; the ARN looks like \(form.expected)" : "expected \(form.expected)"
    )
  }

  /// `ecs.arn.region`
  private mutating func checkRegions() {
    guard let region = service.region else { return }
    var fields: [(String, DecodingView?)] = [
      ("cluster", spec["clusterArn"]),
      ("load balancer", service.alb?["arn"]),
      ("certificate", service.alb?["certificateArn"]),
      ("load balancer", service.nlb?["arn"]),
      ("log group's key", service.logging?["kmsKeyArn"]),
    ]
    fields += service.nlbListeners.map { ("certificate", $0.view["certificateArn"]) }
    for (what, field) in fields {
      guard let view = field?.valueView, let other = view.string.flatMap({ ARN($0)?.region }),
        !other.isEmpty, other != region
      else { continue }
      warning("ecs.arn.region", view, "the \(what) is in \(other), the service in \(region)")
    }
  }
}

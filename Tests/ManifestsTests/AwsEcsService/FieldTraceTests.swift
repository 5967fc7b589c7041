import Manifests
import StackModel
import Testing

struct FieldTraceTests {
  private func traced(
    _ references: [String] = [],
    address: String? = nil,
    field: String? = nil
  ) throws -> EngineDiagnostic {
    let path = "../../templates/AwsEcsService/examples/fargate-alb.yaml"
    var diagnostic = EngineDiagnostic(severity: .error, summary: "Error", detail: "")
    diagnostic.references = references
    diagnostic.address = address
    diagnostic.field = field
    return try EcsFixtures.manifest(at: path).trace(diagnostic)
  }

  @Test func `a variable leads to the field it was derived from`() throws {
    let result = try traced(["each.key", "local.port", "var.task.cpu"])
    #expect(result.field == "spec.container.cpu")
    #expect(result.location == SourceLocation(file: "fargate-alb.yaml", line: 29, column: 10))
  }

  @Test func `indexes and keys with dots do not hide a variable`() throws {
    let result = try traced([#"var.nlb.listeners["a.b"].port"#, "var.alb.rule.hostnames[0]"])
    #expect(result.field == "spec.alb.hostname")
  }

  @Test func `a field that is not there gives way to the block around it`() throws {
    let result = try traced(["var.alb.rule.priority"])
    #expect(result.field == "spec.alb")
    #expect(result.location?.line == 67)
  }

  @Test func `the most exact of several variables counts`() throws {
    #expect(try traced(["var.service", "var.autoscaling.max_tasks"]).field == "spec.autoscaling.maxTasks")
  }

  @Test func `a resource leads to its field when no variable does`() throws {
    let redirect = try traced(address: "aws_lb_listener.redirect[0]")
    #expect(redirect.field == "spec.alb.httpToHttpsRedirect")
    #expect(try traced(["local.x"], address: "data.aws_subnet.first").field == "spec.network.subnets")
    #expect(try traced(address: #"module.a["b"].aws_ecs_cluster.this[0]"#).field == "spec.cluster")
  }

  @Test func `what leads nowhere, or was led already, stays as it is`() throws {
    #expect(try traced(["local.x"], address: "random_id.x").field == nil)
    #expect(try traced(["var.task.cpu"], field: "spec.tags").field == "spec.tags")
  }
}

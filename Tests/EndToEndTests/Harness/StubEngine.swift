import LocalFiles
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// A stand-in for Terraform, for what the real one does only when things go very wrong.
enum StubEngine {
  /// The environment in which a product finds the stand-in first.
  ///
  /// - Parameter plan: the shell commands that `plan` runs.
  static func install(in product: Product, plan: String) throws -> [String: String] {
    let script = try product.file(
      "bin/terraform",
      """
      #!/bin/sh
      case $1 in
        version) echo '{"terraform_version":"1.11.4"}' ;;
        init) exit 0 ;;
        plan)
          \(plan) ;;
      esac

      """
    )
    chmod(script, 0o755)
    return ["PATH": "\(product.folder)/bin:\(Project.path)"]
  }

  /// A manifest that needs nothing from outside.
  static func manifest(in product: Product) throws -> String {
    try product.file(
      "service.yaml",
      """
      apiVersion: aws.project-planton.org/v1
      kind: AwsEcsService
      metadata: {name: stub, org: acme, env: test}
      spec:
        clusterArn: arn:aws:ecs:us-east-1:123456789012:cluster/main
        container: {image: {repo: shop/web, tag: "1"}, cpu: 256, memory: 512}
        network: {subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0]}

      """
    )
  }
}

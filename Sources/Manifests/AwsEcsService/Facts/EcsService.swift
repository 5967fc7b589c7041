import StackModel
import YAMLTree

/// What rules and normal form both ask about a service, read from its manifest once.
struct EcsService: Sendable {
  let manifest: Manifest
  let metadata: DecodingView
  let spec: DecodingView
  let names: EcsNames
  let launchType: LaunchType
  let networkMode: NetworkMode
  /// The main container first, sidecars in order.
  let containers: [EcsContainer]
  let cluster: EcsCluster
  let secrets: EcsSecretStore

  init(_ manifest: Manifest, inputs: NormalFormInputs) {
    self.manifest = manifest
    spec = manifest.spec
    metadata = manifest.view["metadata"] ?? manifest.view
    let names = EcsNames(name: manifest.name, environment: manifest.env)
    self.names = names
    let launchType = spec["launchType"]?.string.flatMap(LaunchType.init) ?? .fargate
    self.launchType = launchType
    networkMode =
      spec["networkMode"]?.string.flatMap(NetworkMode.init) ?? (launchType == .external ? .bridge : .awsvpc)
    let main = spec["container"].map { EcsContainer(main: $0, serviceName: manifest.name) }
    containers = [main].compactMap(\.self) + (spec["sidecars"]?.list ?? []).map(EcsContainer.init(sidecar:))
    cluster = EcsCluster(spec, names: names, launchType: launchType)
    secrets = EcsSecretStore(spec, names: names, containers: containers, inputs: inputs)
  }

  var isFargate: Bool { launchType == .fargate }
  var isAwsvpc: Bool { networkMode == .awsvpc }
  var main: EcsContainer? { containers.first(where: \.isMain) }
  var sidecars: [EcsContainer] { containers.filter { !$0.isMain } }

  /// The whole task's CPU units and MiB.
  var taskCpu: Int { spec["container"]?["cpu"]?.int ?? 0 }
  var taskMemory: Int { spec["container"]?["memory"]?.int ?? 0 }

  var isWindows: Bool {
    spec["runtimePlatform"]?["operatingSystemFamily"]?.string?.hasPrefix("WINDOWS") ?? false
  }

  /// Windows on instances ignores a task's size, so the main container gets what sidecars leave of it.
  var sizesMain: Bool { launchType == .ec2 && isWindows }

  var volumes: [DecodingView] { spec["volumes"]?.list ?? [] }

  // Blocks that are absent when they are not enabled.
  var alb: DecodingView? { spec.enabled("alb") }
  var nlb: DecodingView? { spec.enabled("nlb") }
  var autoscaling: DecodingView? { spec.enabled("autoscaling") }
  var serviceConnect: DecodingView? { spec.enabled("serviceConnect") }
  var serviceDiscovery: DecodingView? { spec["serviceDiscovery"] }
  /// Nil when logging is off; logging that nobody wrote about is on, and then an empty block.
  var logging: DecodingView? {
    let written = spec["container"]?["logging"]
    let block =
      written
      ?? DecodingView(
        YAMLNode(.mapping(YAMLMapping()), at: spec.location),
        path: FieldPath(keys: "spec", "container", "logging")
      )
    return block["enabled"]?.bool ?? true ? block : nil
  }

  var hasLoadBalancer: Bool { alb != nil || nlb != nil }
  var createsLoadBalancer: Bool { alb?["create"] != nil || nlb?["create"] != nil }

  /// Nil leaves the region to the provider's environment.
  var region: String? { spec["region"]?.string ?? cluster.givenARN.flatMap { ARN($0)?.region } }

  var subnets: [String] { spec["network"]?.values("subnets") ?? [] }
  var vpcID: String? { spec["network"]?.value("vpcId") }

  /// How many tasks a new service starts with.
  var desiredCount: Int {
    let replicas = spec["container"]?["replicas"]?.int ?? 1
    guard let limits = autoscaling else { return replicas }
    let least = limits["minTasks"]?.int ?? 0
    return max(least, min(replicas, max(least, limits["maxTasks"]?.int ?? replicas)))
  }
}

import YAMLTree

/// Which cluster the service runs in, and on which of its capacity providers.
struct EcsCluster: Sendable {
  /// A share of the tasks.
  struct Share: Sendable {
    /// Nil for the capacity provider that the cluster gets for its instances.
    let view: DecodingView?
    let provider: String
    let weight: Int
    let base: Int
  }

  static let fargateProviders = ["FARGATE", "FARGATE_SPOT"]

  /// The ARN of a given cluster.
  let givenARN: String?
  /// The block of a cluster to create.
  let created: DecodingView?
  /// The block of the capacity provider to create.
  let capacityProvider: DecodingView?
  let name: String
  /// The name that the created capacity provider has or would have.
  let capacityProviderName: String
  /// What the created cluster may use.
  let capacityProviders: [String]
  /// As written, or the created capacity provider alone; empty where the launch type decides.
  let strategy: [Share]

  init(_ spec: DecodingView, names: EcsNames, launchType: LaunchType) {
    givenARN = spec.value("clusterArn")
    let block = spec["cluster"]
    created = block?["create"]?.bool == false ? nil : block
    let provider = created?["ec2CapacityProvider"]
    capacityProvider = provider
    let providerName = provider?["name"]?.string ?? names.qualified
    capacityProviderName = providerName
    let nameOfGiven = givenARN.flatMap { $0.split(separator: "/").last.map(String.init) }
    name = nameOfGiven ?? created?["name"]?.string ?? names.qualified
    let listed =
      created?["capacityProviders"]?.strings ?? (launchType == .fargate ? Self.fargateProviders : [])
    capacityProviders =
      provider == nil || listed.contains(providerName) ? listed : listed + [providerName]
    let written = (spec["capacityProviderStrategy"]?.list ?? []).map { entry in
      Share(
        view: entry,
        provider: entry["capacityProvider"]?.string ?? "",
        weight: entry["weight"]?.int ?? 1,
        base: entry["base"]?.int ?? 0
      )
    }
    let isOnOwnInstances = written.isEmpty && launchType == .ec2 && provider != nil
    strategy =
      isOnOwnInstances ? [Share(view: nil, provider: providerName, weight: 1, base: 0)] : written
  }
}

import Testing

/// The normal form and `variables.tf` name the same attributes, so that neither changes alone.
struct K8sContractTests {
  private static let folder = "\(K8sFixtures.folder)/normal-form"
  private static let goldens = Fixtures.names(in: folder, ending: ".tfvars.json")
    .map { "\(folder)/\($0).tfvars.json" }

  private static func contract() throws -> ModuleContract {
    // Values of secrets and the cluster come from no manifest.
    try ModuleContract(
      kind: "MicroserviceKubernetes",
      passedApart: ["secret_values", "connection"],
      goldens: goldens
    )
  }

  @Test(arguments: goldens)
  func `a normal form has the attributes that variables declare`(path: String) throws {
    try Self.contract().check(path)
  }

  @Test func `the goldens reach every attribute`() throws { try Self.contract().checkReach() }

  @Test func `every golden belongs to a manifest`() {
    let manifests =
      Fixtures.names(in: "../../templates/MicroserviceKubernetes/examples", ending: ".yaml")
      + Fixtures.names(in: "\(K8sFixtures.folder)/manifests", ending: ".yaml")
    #expect(Fixtures.names(in: Self.folder, ending: ".tfvars.json") == manifests.sorted())
  }
}

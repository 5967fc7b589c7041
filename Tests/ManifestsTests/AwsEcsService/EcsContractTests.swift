import Testing

/// The normal form and `variables.tf` name the same attributes, so that neither changes alone.
struct EcsContractTests {
  private static let goldens = ["normal-form", "good"].flatMap { folder in
    Fixtures.names(in: "AwsEcsService/\(folder)", ending: ".tfvars.json")
      .map { "AwsEcsService/\(folder)/\($0).tfvars.json" }
  }

  private static func contract() throws -> ModuleContract {
    try ModuleContract(kind: "AwsEcsService", passedApart: ["secret_values"], goldens: goldens)
  }

  @Test(arguments: goldens)
  func `a normal form has the attributes that variables declare`(path: String) throws {
    try Self.contract().check(path)
  }

  @Test func `the goldens reach every attribute`() throws { try Self.contract().checkReach() }
}

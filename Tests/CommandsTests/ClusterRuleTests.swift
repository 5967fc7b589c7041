import ClusterAccess
import LocalFiles
import StackModel
import Testing

@testable import Commands

/// Rules under `clusters` of the settings: one that says something wrong must never leave the choice to
/// the environment.
@Suite struct ClusterRuleTests {
  private func load(_ text: String) throws -> (settings: Settings, diagnostics: [Diagnostic]) {
    let path = "/tmp/stackjob-settings-\(UInt64.random(in: 0 ... .max)).yaml"
    try LocalFiles.replace(path, with: Array(text.utf8))
    defer { try? LocalFiles.remove(path) }
    return Settings.load(Locations(environment: ["STACKJOB_CONFIG": path, "HOME": "/nowhere"]))
  }

  @Test(arguments: [
    "clusters: [{match: {env: [dev]}, context: x}]", "clusters: [{match: {env: null}, context: x}]",
    "clusters: [{inCluster: \"yes\"}]", "clusters: [{inCluster: false}]", "clusters: [{match: {env: dev}}]",
    "clusters: [{kubeconfig: [a, b], context: x}]", "clusters: [{host: 5}]", "clusters: [{server: x}]",
    "clusters: {context: x}",
  ])
  func `a rule that says something wrong is an error`(text: String) throws {
    #expect(try load(text).diagnostics.hasErrors, "\(text)")
  }

  @Test func `the first rule that fits decides`() throws {
    let (settings, problems) = try load(
      """
      clusters:
        - {match: {env: prod, org: shop}, kubeconfig: /etc/prod, context: eu}
        - {match: {env: dev}, inCluster: true}
        - {host: "https://h", certificateAuthority: ca.crt, tokenFile: /run/token}
      """
    )
    #expect(problems.isEmpty)
    func source(_ env: String) throws -> (kubeconfig: [String], inCluster: Bool, host: [String: String]) {
      let stack = try #require(StackID(org: "shop", env: env, kind: "K", name: "n"))
      let found = try #require(settings.cluster(for: stack))
      return (found.kubeconfig, found.inCluster, found.host)
    }
    #expect(try source("prod").kubeconfig == ["/etc/prod"])
    #expect(try source("dev").inCluster)
    let last = try source("test").host
    #expect(last["host"] == "https://h")
    #expect(last["token_file"] == "/run/token")
    #expect(last["cluster_ca_file"]?.hasPrefix("/") == true)
  }
}

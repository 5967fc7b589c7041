import JobRunner
import StackModel
import Testing

@testable import Commands

@Suite struct BackendIdentityTests {
  private func identifier(_ name: String) throws -> String {
    let stack = try #require(StackID(name))
    return BackendChoice(stack: stack, settings: Settings(), stateHome: "/s").identifier
  }

  @Test func `two stacks never share a place, however alike their names`() throws {
    let names = [
      "acme-dev/eu/Kind/web", "acme/dev-eu/Kind/web", "acme/dev/Kind/eu-web", "acme/dev/Kind/eu_web",
      "acme/dev/Kind/EU-web",
    ]
    #expect(Set(try names.map(identifier)).count == names.count)
  }

  @Test func `a place fits a database schema and a Kubernetes label`() throws {
    let long = String(repeating: "x", count: 128)
    let name = try identifier("\(long)/\(long)/Kind/\(long)")
    #expect(name.count <= 63)
    #expect(name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
  }

  @Test func `credentials of a backend are known to be secret`() {
    let backend = StateBackend.external(
      type: "pg",
      configuration: ["conn_str": "postgres://u:p@h/d", "exec": ["token": "hunter23"], "schema_name": "s"]
    )
    let environment = ["PGPASSWORD": "hunter22", "PGHOST": "h"]
    #expect(
      Set(EngineSetup.secrets(of: backend, in: environment))
        == [Secret("hunter22"), Secret("hunter23"), Secret("postgres://u:p@h/d")]
    )
    #expect(EngineSetup.secrets(of: .managed, in: environment).isEmpty)
  }
}

import StackModel
import Testing
import ToolProcess

/// The real Terraform in a folder of a product.
struct EngineCall: Sendable {
  var stackjob: Product
  var folder: String
  var environment: [String: String]

  @discardableResult
  func callAsFunction(_ arguments: String...) async throws -> String {
    let executable = try #require(ExecutableFinder.find("terraform", path: Project.path))
    let result = try await stackjob.run(
      ["-chdir=\(folder)"] + arguments + (arguments[0] == "show" ? [] : ["-no-color"]),
      executable: executable,
      environment: environment
    )
    expect(result, .done)
    return result.stdout
  }

  /// Plans into the file `plan`, and gives it as JSON.
  func planJSON() async throws -> JSONValue {
    try await self("plan", "-input=false", "-out=plan")
    return try JSONValue(parsing: try await self("show", "-json", "plan"))
  }

  func plan() async throws -> PlanDocument { PlanDocument(try await planJSON()) }
}

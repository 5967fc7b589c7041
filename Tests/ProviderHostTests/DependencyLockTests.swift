import ProviderHost
import Testing

@Suite("Dependency lock file")
struct DependencyLockTests {
  private static let text = """
    # This file is maintained automatically by "terraform init".
    # Manual edits may be lost in future updates.

    provider "registry.terraform.io/hashicorp/aws" {
      version     = "5.100.0"
      constraints = ">= 5.90.0, < 7.0.0"
      hashes = [
        "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
        "zh:054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
      ]
    }

    provider "registry.terraform.io/hashicorp/null" {
      version = "3.2.4"
    }

    """

  @Test("What Terraform writes is read")
  func generated() throws {
    let lock = try DependencyLock(parsing: Self.text)
    #expect(
      lock.entries.map(\.source) == [
        "registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/null",
      ]
    )
    let aws = try #require(lock.entry(for: "registry.terraform.io/hashicorp/aws"))
    #expect(aws.version == "5.100.0" && aws.constraints == ">= 5.90.0, < 7.0.0")
    #expect(aws.hashes.map { $0.prefix(3) } == ["h1:", "zh:"])
    #expect(lock.entry(for: "registry.terraform.io/hashicorp/null")?.hashes == [])
    #expect(lock.entry(for: "registry.terraform.io/hashicorp/tls") == nil)
  }

  @Test("No file and a file without providers say the same")
  func empty() throws {
    #expect(try DependencyLock(parsing: "").entries.isEmpty)
    #expect(try DependencyLock(parsing: "# nothing\r\n\r\n").entries.isEmpty)
    #expect(try DependencyLock(parsing: Self.text.replacing("\n", with: "\r\n")).entries.count == 2)
  }

  @Test(
    "Anything that Terraform does not write is refused, with its line",
    arguments: [
      ("provider \"a/b/c\" {", 1),
      ("provider \"a/b/c\" {\n}", 2),
      ("provider \"a/b/c\" {\n  version = var.v\n}", 2),
      ("provider \"a/b/c\" {\n  version = \"1\"\n  version = \"2\"\n}", 3),
      ("provider \"a/b/c\" {\n  version = \"1\"\n  extra = \"2\"\n}", 3),
      ("provider \"a/b/c\" {\n  version = \"1\"\n  hashes = [\n    \"h1:x\"\n  ]\n}", 4),
      ("provider \"a/b/c\" {\n  version = \"1\"\n  hashes = [\n    \"h1:x\",", 4),
      ("provider \"a/b/c\" {\n  version = \"1\"\n  hashes = [\"h1:x\"]\n}", 3),
      ("provider \"a/b/${c}\" {\n  version = \"1\"\n}", 1),
      ("provider \"a/b/c\" {\n  version = \"\\u0031\"\n}", 2),
      ("provider \"a/b/c\" {\n  version = \"1\"\n}\nprovider \"a/b/c\" {\n  version = \"2\"\n}", 4),
      ("module \"x\" {\n}", 1),
      ("/* provider */", 1),
    ]
  )
  func refused(text: String, line: Int) {
    #expect { try DependencyLock(parsing: text) } throws: { ($0 as? DependencyLock.Problem)?.line == line }
  }
}

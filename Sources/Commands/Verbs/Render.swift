import ArgumentParser
import JobRunner
import LocalFiles
import Manifests
import StackModel
import Translation

struct Render: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Write the program that a job would run to a folder.",
    discussion: """
      The folder can be taken and run with Terraform, or with --engine pulumi with Pulumi, alone. Values of \
      secrets are not in it: README.txt says how to pass them.

      EXAMPLES
        stackjob render service.yaml --out program/
        stackjob render service.yaml --image shop/web:1.4.2 --out program/ --force
        stackjob render service.yaml --engine pulumi --out program/
      """
  )

  @OptionGroup var manifests: ManifestOptions

  @Option(
    help: ArgumentHelp("The folder to write to; it is made if it is not there.", valueName: "folder"),
    completion: .directory
  )
  var out: String

  /// What a program can be written for. OpenTofu takes what Terraform takes.
  enum Language: String, ExpressibleByArgument, CaseIterable {
    case terraform, tofu, pulumi
  }

  @Option(help: "What the program is for: terraform, tofu or pulumi.")
  var engine = Language.terraform

  @Flag(help: "Write over what is in the folder.")
  var force = false

  func run() async throws {
    let session = try Session.open(templates: manifests.templates)
    let loaded = try await session.resolvedManifests(manifests)
    guard loaded.count == 1, let manifest = loaded.first else {
      throw ValidationError("render takes one manifest")
    }
    let rendering = try Console.get(
      engine == .pulumi
        ? PulumiRendering.make(manifest, environment: session.environment)
        : TerraformRendering.make(manifest, environment: session.environment)
    )
    try Console.require(rendering.diagnostics)
    guard !out.isEmpty else { throw ValidationError("--out is empty; give the name of a folder") }
    if !force, LocalFiles.exists(out), (try? LocalFiles.list(out))?.isEmpty != true {
      throw ValidationError("--out \(out): the folder is not empty; --force writes over it")
    }
    do throws(FileError) {
      try LocalFiles.makeFolder(out, mode: 0o755)
      for name in rendering.obsolete { try LocalFiles.remove("\(out)/\(name)") }
      for file in rendering.files {
        try LocalFiles.replace("\(out)/\(file.path)", with: file.bytes, mode: 0o644, durably: false)
        Console.print("\(out)/\(file.path)")
      }
    } catch {
      try Console.require([.error("render.write", "\(error)", at: SourceLocation(file: out))])
    }
  }
}

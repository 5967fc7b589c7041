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
      The folder can be taken and run with Terraform alone. Values of secrets are not in it: \
      README.txt says how to pass them.

      EXAMPLES
        stackjob render service.yaml --out program/
        stackjob render service.yaml --image shop/web:1.4.2 --out program/ --force
      """
  )

  @OptionGroup var manifests: ManifestOptions

  @Option(
    help: ArgumentHelp("The folder to write to; it is made if it is not there.", valueName: "folder"),
    completion: .directory
  )
  var out: String

  @Flag(help: "Write over what is in the folder.")
  var force = false

  func run() async throws {
    let session = try Session.open(templates: manifests.templates)
    let loaded = try await session.resolvedManifests(manifests)
    guard loaded.count == 1, let manifest = loaded.first else {
      throw ValidationError("render takes one manifest")
    }
    let program: Program
    switch JobPreparation.program(
      manifest,
      environment: session.environment,
      needsSecrets: true
    ) {
    case .success(let built):
      program = built.program
      try Console.require(built.diagnostics)
    case .failure(let failure):
      try Console.require(failure.diagnostics)
      return
    }
    guard !out.isEmpty else { throw ValidationError("--out is empty; give the name of a folder") }
    if !force, LocalFiles.exists(out), (try? LocalFiles.list(out))?.isEmpty != true {
      throw ValidationError("--out \(out): the folder is not empty; --force writes over it")
    }
    do throws(FileError) {
      try LocalFiles.makeFolder(out, mode: 0o755)
      // An override of an earlier manifest would go on changing the module.
      for override in manifest.kind.terraformOverrides {
        let name = LocalFiles.name(of: override.file)
        if !program.files.contains(where: { $0.path == name }) { try LocalFiles.remove("\(out)/\(name)") }
      }
      for file in program.files {
        try LocalFiles.replace("\(out)/\(file.path)", with: file.bytes, mode: 0o644, durably: false)
        Console.print("\(out)/\(file.path)")
      }
      if let note = secretsNote(program) {
        try LocalFiles.replace("\(out)/README.txt", with: Array(note.utf8), mode: 0o644, durably: false)
        Console.print("\(out)/README.txt")
      }
    } catch {
      try Console.require([.error("render.write", "\(error)", at: SourceLocation(file: out))])
    }
  }

  private func secretsNote(_ program: Program) -> String? {
    guard !program.secrets.isEmpty else { return nil }
    return program.secrets.sorted { $0.key < $1.key }.map { variable, values in
      """
      The variable `\(variable)` is ephemeral and has no value in these files. Give it to every plan
      and apply as JSON in the environment variable TF_VAR_\(variable), with the keys
      \(values.keys.sorted().map { "  \($0)" }.joined(separator: "\n"))

      """
    }.joined(separator: "\n")
  }
}

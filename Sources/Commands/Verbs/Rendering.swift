import LocalFiles
import Manifests
import StackModel
import Translation

/// What `render` writes to a folder.
struct Rendering {
  var files: [Program.File]
  /// Names of files that an earlier manifest may have left, and that would go on counting.
  var obsolete: [String] = []
  var diagnostics: [Diagnostic]
  static let readme = "README.txt"
}

enum TerraformRendering {
  static func make(
    _ manifest: Manifest,
    environment: [String: String]
  ) -> Result<Rendering, DiagnosticFailure> {
    JobPreparation.program(manifest, environment: environment, needsSecrets: true).map { built in
      var files = built.program.files
      if let note = note(built.program) {
        files.append(Program.File(path: Rendering.readme, bytes: Array(note.utf8)))
      }
      return Rendering(
        files: files,
        // An override of an earlier manifest would go on changing the module.
        obsolete: manifest.kind.terraformOverrides.map { LocalFiles.name(of: $0.file) }
          .filter { name in !files.contains { $0.path == name } },
        diagnostics: built.diagnostics
      )
    }
  }

  private static func note(_ program: Program) -> String? {
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

enum PulumiRendering {
  static func make(
    _ manifest: Manifest,
    environment: [String: String]
  ) -> Result<Rendering, DiagnosticFailure> {
    JobPreparation.pulumiProgram(manifest, environment: environment).map { built in
      let note = note(built.program)
      return Rendering(
        files: built.program.files + [Program.File(path: Rendering.readme, bytes: Array(note.utf8))],
        diagnostics: built.diagnostics
      )
    }
  }

  private static func note(_ program: PulumiProgram) -> String {
    var lines = [
      "A project for Pulumi's YAML runtime. \(PulumiTemplate.programFile) is the program, written as JSON;",
      "\(PulumiTemplate.projectFile) names the project. To run it, in this folder:",
      "",
      "  export PULUMI_BACKEND_URL=...                 where the state is kept, such as file:///var/lib/pulumi",
      "  export PULUMI_CONFIG_PASSPHRASE_FILE=...      a file with the passphrase for secrets",
      "  pulumi stack init STACK",
    ]
    if program.configNames.contains("kubeconfig") {
      lines.append("  pulumi config set --secret kubeconfig < KUBECONFIG")
    }
    lines += program.secrets.map { "  pulumi config set --secret \($0.name) < VALUE" }
    lines.append("  pulumi up")
    if !program.secrets.isEmpty {
      lines += [
        "",
        "Values of secrets are in none of these files. Each goes in by standard input, and is kept encrypted",
      ]
      lines += ["in the stack's settings and its state:", ""]
      lines += program.secrets.map { "  \($0.name)\n    \($0.key)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

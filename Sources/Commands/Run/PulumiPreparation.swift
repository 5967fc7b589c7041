import LocalFiles
import Manifests
import StackModel
import Translation

extension JobPreparation {
  /// The manifest's program for Pulumi.
  static func pulumiProgram(
    _ manifest: Manifest,
    environment: [String: String]
  ) -> Result<(program: PulumiProgram, diagnostics: [Diagnostic]), DiagnosticFailure> {
    normalForm(manifest, environment: environment, needsSecrets: true).flatMap { normal in
      do throws(FileError) {
        let template = try PulumiTemplate.read(manifest.kind)
        return template.flatMap { template in
          Result { () throws(TemplateError) in
            try template.program(
              project: "stackjob-\(manifest.kind.kind)",
              values: normal.values,
              secrets: normal.secrets
            )
          }
        }.map { ($0, normal.diagnostics) }.mapError { DiagnosticFailure(diagnostic($0, manifest)) }
      } catch {
        return .failure(
          DiagnosticFailure(
            .error(
              "kind.templates",
              "the kind's program for Pulumi cannot be read: \(error)",
              path: manifest.kind.kind
            )
          )
        )
      }
    }
  }

  private static func diagnostic(_ error: TemplateError, _ manifest: Manifest) -> Diagnostic {
    switch error.cause {
    case .key:
      .error(
        "pulumi.key",
        error.message,
        at: manifest.location,
        path: "spec",
        hint: "choose another key, or run this manifest with Terraform"
      )
    case .template:
      .error("pulumi.template", "the kind's template for Pulumi is wrong: \(error)", path: manifest.kind.kind)
    }
  }
}

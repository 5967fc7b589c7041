import Digests
import LocalFiles
import Manifests
import StackModel
import Translation

extension PulumiProgram {
  /// As jobs have programs.
  func program(of stack: StackID) -> Program {
    Program(
      files: files + [secretsFile(salt: stack.description)].compactMap(\.self),
      secrets: secrets.isEmpty
        ? [:]
        : [
          Program.pulumiConfig: Dictionary(secrets.map { ($0.name, $0.value) }) { first, _ in first }
        ]
    )
  }

  /// Tells whether a secret has changed since a plan was made, by a number that is slow to make. Pulumi passes it over.
  private func secretsFile(salt: String) -> Program.File? {
    guard !secrets.isEmpty else { return nil }
    let joined = secrets.flatMap { [$0.name, $0.value.reveal()] }.map { "\($0.utf8.count):\($0)" }.joined()
    let document: JSONValue = [
      "revision": .int(Fingerprint.revision(of: joined, salt: salt)),
      "secrets": .array(secrets.map { .string($0.name) }),
    ]
    return Program.File(path: Program.secretsFile, bytes: document.bytes(.pretty))
  }
}

extension JobPreparation {
  /// The manifest's program for Pulumi.
  static func pulumiProgram(
    _ manifest: Manifest,
    environment: [String: String],
    needsSecrets: Bool = true
  ) -> Result<(program: PulumiProgram, diagnostics: [Diagnostic]), DiagnosticFailure> {
    normalForm(manifest, environment: environment, needsSecrets: needsSecrets).flatMap { normal in
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

/// A problem in what the user gave, that ends a command.
package struct DiagnosticFailure: Error {
  package var diagnostics: [Diagnostic]

  package init(_ diagnostics: Diagnostic...) { self.diagnostics = diagnostics }

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

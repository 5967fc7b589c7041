package import StackModel

extension EngineDiagnostic {
  /// Terraform's advice to record checksums for other platforms. The lock file is ours: a job that
  /// runs elsewhere keeps its own.
  package var concernsOurLockFile: Bool {
    severity == .warning && summary == "Incomplete lock file information for providers"
  }
}

/// What kind of failure an engine's messages tell of, as far as the exit code depends on it.
package enum FailureKind: Sendable, Equatable {
  case operation
  case locked
  /// A provider cannot be installed.
  case noProvider
  /// The backend does not answer.
  case unavailable
  case credentials

  package var exitCode: ExitCode {
    switch self {
    case .operation: .failed
    case .locked: .locked
    case .noProvider, .unavailable: .unavailable
    case .credentials: .credentials
    }
  }

  /// The kind of the first error that is more than an ordinary failure.
  package init(of diagnostics: [EngineDiagnostic]) {
    let kinds = diagnostics.lazy.filter { $0.severity == .error }.map(FailureKind.init(of:))
    self = kinds.first { $0 != .operation } ?? .operation
  }

  init(of diagnostic: EngineDiagnostic) {
    let text = "\(diagnostic.summary)\n\(diagnostic.detail)"
    func mentions(_ phrases: [String]) -> Bool { phrases.contains { text.contains($0) } }
    if mentions(Self.lockPhrases) {
      self = .locked
    } else if mentions(Self.credentialPhrases) {
      self = .credentials
    } else if mentions(Self.providerPhrases) {
      self = .noProvider
    } else if mentions(Self.backendPhrases) {
      self = .unavailable
    } else {
      self = .operation
    }
  }

  /// Terraform has no codes for its messages; these are the summaries it has printed since 1.0.
  private static let lockPhrases = ["Error acquiring the state lock", "Error locking state"]

  private static let providerPhrases = [
    "Failed to query available provider packages", "Failed to install provider",
    "Could not retrieve the list of available versions", "no available releases match the given constraints",
  ]

  private static let backendPhrases = ["Failed to get existing workspaces"]

  /// Error codes of AWS' signature check and the provider's own summary when it finds nothing.
  private static let credentialPhrases = [
    "No valid credential sources found", "InvalidClientTokenId", "UnrecognizedClientException",
    "SignatureDoesNotMatch", "ExpiredToken", "AuthFailure", "InvalidAccessKeyId",
    "failed to refresh cached credentials", "no EC2 IMDS role found",
  ]
}

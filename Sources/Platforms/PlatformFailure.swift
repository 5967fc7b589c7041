package import StackModel

/// Why a platform could not be asked.
package struct PlatformFailure: Error, Sendable, Hashable {
  package enum Kind: Sendable, CaseIterable {
    /// It does not answer, or the tool that asks it is not there.
    case unavailable
    /// There are no credentials, or they were refused.
    case credentials
    /// The credentials are good but may not ask this.
    case forbidden
    /// What was asked about is not there.
    case absent
    /// An answer that we cannot read, or a refusal of another kind.
    case refused
  }

  package var kind: Kind
  package var message: String
  package var hint: String?

  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  package var diagnostic: Diagnostic {
    switch kind {
    case .unavailable: .error("platform.unavailable", message, hint: hint)
    case .credentials: .error("platform.credentials", message, hint: hint)
    case .forbidden: .error("platform.forbidden", message, hint: hint)
    case .absent: .error("status.absent", message, hint: hint)
    case .refused: .error("platform.refused", message, hint: hint)
    }
  }
}

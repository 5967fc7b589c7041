package import StackModel

/// How a command of Pulumi ended.
package enum PulumiExit: Sendable, Equatable {
  case succeeded
  case failed
  /// There were changes where none were expected.
  case changes
  case cancelled
  case locked
  case noStack
  case credentials
  case usage

  /// The engine's own word first, then the exit code, then the text: before 3.227 every failure is 255 and the
  /// summary says no result.
  package init(
    code: Int,
    summary: PulumiMessage.Summary?,
    standardError: String,
    stopRequested: Bool
  ) {
    if code == 0 {
      // A script around it may have lost its code.
      self =
        switch summary?.result {
        case .failed: .failed
        case .canceled: .cancelled
        case .succeeded, nil: .succeeded
        }
      return
    }
    let phrase = Self.phrases.first { standardError.contains($0.text) }?.end
    switch (summary?.result, code) {
    case (.canceled, _), (_, 8): self = .cancelled
    case (_, 7): self = .changes
    case (_, 6): self = .noStack
    case (_, 3): self = .credentials
    case (_, 2): self = .usage
    default: self = phrase ?? (stopRequested ? .cancelled : .failed)
    }
  }

  private static let phrases: [(text: String, end: PulumiExit)] = [
    ("the stack is currently locked by", .locked),
    ("[409] Conflict", .locked),
    ("no stack named", .noStack),
    ("no changes were expected but changes", .changes),
    ("incorrect passphrase", .credentials),
    ("passphrase must be set", .credentials),
    ("PULUMI_ACCESS_TOKEN must be set", .credentials),
  ]

  package var exitCode: ExitCode {
    switch self {
    case .succeeded: .done
    case .failed: .failed
    case .changes: .changes
    case .cancelled: .cancelled
    case .locked: .locked
    case .noStack: .badData
    case .credentials: .credentials
    case .usage: .usage
    }
  }
}

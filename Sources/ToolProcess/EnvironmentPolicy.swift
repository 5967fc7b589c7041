/// Decides which of our own environment variables a child may see.
///
/// A child gets nothing by default. What steers the engine in ways that the job does not know of is
/// left out even when a user lists it, and the user is told.
package struct EnvironmentPolicy: Sendable {
  /// Names that pass, exact or with a trailing `*`.
  package var allowed: [String]
  /// Names that never pass from outside, exact or with a trailing `*`, because they change what a
  /// run does without anyone seeing it in the job.
  package var reserved: [String]

  package init(allowed: [String], reserved: [String]) {
    self.allowed = allowed
    self.reserved = reserved
  }

  /// What any program needs to work: where home is, how to speak, how to reach the network.
  package static let basics = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TMPDIR", "HTTP_PROXY",
    "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
  ]

  package struct Selection: Sendable, Equatable {
    package var variables: [String: String]
    /// Reserved names that were set outside and did not pass, sorted.
    package var refused: [String]
  }

  package func select(from environment: [String: String]) -> Selection {
    var selection = Selection(variables: [:], refused: [])
    for (name, value) in environment {
      if Self.matches(name, reserved) {
        selection.refused.append(name)
      } else if Self.matches(name, allowed) {
        selection.variables[name] = value
      }
    }
    selection.refused.sort()
    return selection
  }

  package static func matches(_ name: String, _ patterns: [String]) -> Bool {
    patterns.contains { pattern in
      pattern.last == "*" ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
  }
}

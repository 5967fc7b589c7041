import StackModel

/// What kubectl's messages mean. It ends with 1 whatever went wrong.
enum KubectlMessage {
  static func failure(_ standardError: String, asking path: String) -> PlatformFailure {
    let message = message(standardError)
    func mentions(_ phrases: String...) -> Bool { phrases.contains { standardError.contains($0) } }
    if mentions("(NotFound)") { return PlatformFailure(.absent, message) }
    if mentions("(Forbidden)") {
      return PlatformFailure(.forbidden, message, hint: "the credentials need the right to read this")
    }
    if mentions("(Unauthorized)", "getting credentials:", "no Auth Provider found") {
      return PlatformFailure(
        .credentials,
        message,
        hint: "the cluster refused the credentials, or there are none"
      )
    }
    if mentions(
      "does not exist",
      "no such file or directory",
      "error loading config file",
      "invalid configuration"
    ) {
      return PlatformFailure(
        .credentials,
        message,
        hint: "check the kubeconfig and the context that are named"
      )
    }
    if mentions("x509:", "tls:") {
      return PlatformFailure(
        .unavailable,
        message,
        hint: "the cluster's CA certificate must be in the kubeconfig"
      )
    }
    let connection = [
      "was refused", "Unable to connect to the server", "Client.Timeout", "context deadline exceeded",
      "(ServiceUnavailable)", "(Timeout)", "(TooManyRequests)", "(InternalError)", "net/http:",
    ]
    if connection.contains(where: standardError.contains) { return PlatformFailure(.unavailable, message) }
    return PlatformFailure(.refused, "\(path): \(message)")
  }

  /// The last line that is meant for people: before it stand warnings and lines of the client's log.
  private static func message(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).filter { !isLog($0) && !$0.hasPrefix("Warning: ") }
    guard let last = lines.last ?? text.split(whereSeparator: \.isNewline).last else {
      return "kubectl failed and said nothing"
    }
    return last.hasPrefix("error: ") ? String(last.dropFirst(7)) : String(last)
  }

  /// For example `E1126 06:41:02.000001    4242 memcache.go:265] ...`.
  private static func isLog(_ line: Substring) -> Bool {
    guard let first = line.first, "EWIF".contains(first) else { return false }
    let digits = line.dropFirst().prefix(4)
    return digits.count == 4 && digits.allSatisfy(\.isNumber) && line.contains(".go:")
  }
}

import Digests

/// The names of what belongs to a service.
struct K8sNames: Sendable {
  /// `metadata.name`.
  let name: String
  /// The name with the environment: the namespace of the service's own.
  let qualified: String

  init(name: String, environment: String?) {
    self.name = name
    let scalars = (environment ?? "").lowercased().unicodeScalars.map { $0.isNameLetter ? $0 : "-" }
    var suffix = String(String.UnicodeScalarView(scalars))
    while suffix.hasSuffix("-") { suffix.removeLast() }
    qualified = suffix.isEmpty || name.hasSuffix("-\(suffix)") ? name : "\(name)-\(suffix)"
  }

  /// The first 8 hexadecimal digits of SHA-256.
  static func hash8(_ text: String) -> String { String(SHA256.digest(of: Array(text.utf8)).prefix(8)) }
}

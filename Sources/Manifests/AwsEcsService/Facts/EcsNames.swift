import Digests

/// The names of what belongs to a service.
struct EcsNames: Sendable {
  /// `metadata.name`.
  let name: String
  /// The name with the environment, for what is unique in an account or region rather than in a cluster.
  let qualified: String
  /// The qualified name in the letters that load balancers and target groups allow.
  let loadBalancer: String

  init(name: String, environment: String?) {
    self.name = name
    let suffix = (environment ?? "").isEmpty ? "" : "-" + Self.hyphenated(environment ?? "")
    qualified = name.hasSuffix(suffix) ? name : name + suffix
    loadBalancer = Self.trimmed(qualified.replacing("_", with: "-"))
  }

  private static func hyphenated(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isNameLetter ? $0 : "-" }))
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == "-" }
    return withoutFinalHyphens(start)
  }

  private static func withoutFinalHyphens(_ text: some StringProtocol) -> String {
    var text = String(text)
    while text.hasSuffix("-") { text.removeLast() }
    return text
  }

  /// The first 8 hexadecimal digits of SHA-256.
  static func hash8(_ text: String) -> String { String(SHA256.digest(of: Array(text.utf8)).prefix(8)) }

  /// A text in at most `limit` characters: a long one is cut, and its hash keeps it apart from others with
  /// the same beginning.
  static func short(_ text: String, _ limit: Int) -> String {
    if text.count <= limit { return text }
    return withoutFinalHyphens(text.prefix(limit - 9)) + "-" + hash8(text)
  }

  /// A target group's name, at most 32 characters. It changes with what cannot be changed in place, so that
  /// the new group can be made before the old one goes.
  func targetGroup(of parts: [String]) -> String {
    let hash = Self.hash8(([qualified] + parts).joined(separator: "|"))
    return Self.withoutFinalHyphens(loadBalancer.prefix(23)) + "-" + hash
  }
}

extension Unicode.Scalar {
  var isAsciiLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
  var isAsciiDigit: Bool { ("0"..."9").contains(self) }
  var isLowerHex: Bool { isAsciiDigit || ("a"..."f").contains(self) }
  /// A letter, digit or hyphen.
  var isNameLetter: Bool { isAsciiLetter || isAsciiDigit || self == "-" }
}

extension StringProtocol {
  /// Whether the text is not empty and all of it passes.
  func isMade(of test: (Unicode.Scalar) -> Bool) -> Bool { !isEmpty && unicodeScalars.allSatisfy(test) }

  /// An AWS id such as `subnet-0123456789abcdef0`.
  func isID(_ prefix: String, _ digits: ClosedRange<Int>) -> Bool {
    guard hasPrefix(prefix + "-") else { return false }
    let rest = dropFirst(prefix.count + 1)
    return digits.contains(rest.count) && rest.isMade(of: \.isLowerHex)
  }
}

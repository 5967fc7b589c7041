/// The forms of names that Kubernetes has, as NORMAL-FORM.md lists them.
extension StringProtocol {
  /// RFC 1123: 1 to 63 of `a-z0-9-`, neither first nor last a hyphen.
  var isDNSLabel: Bool {
    utf8.count <= 63 && isMade { $0.isLowerNameLetter } && !hasPrefix("-") && !hasSuffix("-")
  }

  /// RFC 1035, which Services still need: a DNS label that begins with a letter.
  var isServiceName: Bool { isDNSLabel && unicodeScalars.first?.isAsciiLetter == true }

  /// DNS labels joined by dots, at most 253 characters.
  var isDNSName: Bool {
    utf8.count <= 253 && split(separator: ".", omittingEmptySubsequences: false).allSatisfy(\.isDNSLabel)
  }

  /// An optional DNS name and a slash, then a name.
  var isLabelKey: Bool {
    let parts = split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, !parts[0].isDNSName { return false }
    return parts.last?.isLabelName ?? false
  }

  /// As the key of a label; letters before the slash may be upper case.
  var isAnnotationKey: Bool { lowercased().isLabelKey }

  /// Empty, or 1 to 63 of `A-Za-z0-9_.-` that begin and end with a letter or digit.
  var isLabelValue: Bool { isEmpty || isLabelName }

  private var isLabelName: Bool {
    guard let first = unicodeScalars.first, let last = unicodeScalars.last else { return false }
    return utf8.count <= 63 && first.isAsciiAlphanumeric && last.isAsciiAlphanumeric
      && isMade { $0.isNameLetter || $0 == "_" || $0 == "." }
  }

  /// 1 to 15 of `a-z0-9-` with a letter, neither first nor last a hyphen, no two hyphens together.
  var isPortName: Bool {
    isDNSLabel && utf8.count <= 15 && !contains("--") && unicodeScalars.contains { $0.isAsciiLetter }
  }

  /// The name of a shell variable.
  var isVariableName: Bool {
    isMade { $0.isAsciiAlphanumeric || $0 == "_" } && unicodeScalars.first?.isAsciiDigit == false
  }

  /// `3`, `25%`.
  var isNumberOrPercentage: Bool {
    let digits = hasSuffix("%") ? dropLast() : self[...]
    return digits.isMade(of: \.isAsciiDigit)
  }

  /// The nearest DNS label, for a hint; empty when nothing of the text is legal.
  var nearestDNSLabel: String {
    var text = String(
      String.UnicodeScalarView(lowercased().unicodeScalars.map { $0.isLowerNameLetter ? $0 : "-" })
    )[...]
    text = text.prefix(63)
    while text.hasPrefix("-") { text.removeFirst() }
    while text.hasSuffix("-") { text.removeLast() }
    return String(text)
  }
}

extension Unicode.Scalar {
  var isAsciiAlphanumeric: Bool { isAsciiLetter || isAsciiDigit }
  var isLowerNameLetter: Bool { ("a"..."z").contains(self) || isAsciiDigit || self == "-" }
}

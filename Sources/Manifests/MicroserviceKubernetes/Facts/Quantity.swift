/// An amount as Kubernetes writes it: `500m`, `2Gi`, `1e3`, `.5`.
struct Quantity: Sendable, Hashable, Comparable {
  /// In thousand-millionths, the finest that Kubernetes keeps; a finer part counts as one. Larger amounts
  /// than 2^63 - 1 are that number.
  let nanos: UInt128

  private static let nano: UInt128 = 1_000_000_000
  private static let limit = UInt128(Int64.max) * nano

  /// Nil for what is no quantity of zero or more.
  init?(_ text: String) {
    var rest = text[...]
    if rest.hasPrefix("+") { rest.removeFirst() }
    let number = rest.prefix { $0.isDecimalDigit || $0 == "." }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, number.contains(where: \.isDecimalDigit),
      let scale = Scale(rest[number.endIndex...])
    else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    nanos = Self.nanos(digits: parts[0] + fraction, places: fraction.count, scale)
  }

  static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }

  var isZero: Bool { nanos == 0 }

  private static func nanos(digits: Substring, places: Int, _ scale: Scale) -> UInt128 {
    let digits = digits.drop { $0 == "0" }
    guard !digits.isEmpty else { return 0 }
    // The power of ten that the digits are to be multiplied by to become thousand-millionths.
    let power = scale.decimal - places + 9
    if digits.count + power > 29 { return limit }
    if digits.count + power < 0 { return 1 }
    var value: UInt128 = 0
    var isInexact = false
    for (index, digit) in digits.enumerated() {
      if index < digits.count + power {
        value = value * 10 + UInt128(digit.wholeNumberValue ?? 0)
      } else {
        isInexact = isInexact || digit != "0"
      }
    }
    for _ in 0..<max(0, power) { value *= 10 }
    let (product, overflow) = value.multipliedReportingOverflow(by: scale.binary)
    if overflow || product > limit { return limit }
    // A binary factor may bring a cut-off part back; nobody writes one of so many places.
    return product + (isInexact ? 1 : 0)
  }

  /// What a number is multiplied by.
  private struct Scale {
    /// A power of ten.
    var decimal = 0
    /// A power of 1024, as a factor.
    var binary: UInt128 = 1

    private static let decimals = [
      "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
    ]
    private static let binaries = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

    init?(_ suffix: Substring) {
      if let power = Self.decimals[String(suffix)] {
        decimal = power
      } else if let index = Self.binaries.firstIndex(of: String(suffix)) {
        binary = 1 << UInt128(10 * (index + 1))
      } else if let first = suffix.first, first == "e" || first == "E" {
        var digits = suffix.dropFirst()
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy(\.isDecimalDigit) else { return nil }
        // Beyond a hundred everything is the greatest amount or the least.
        let power = Int(digits) ?? 100
        decimal = (isNegative ? -1 : 1) * min(power, 100)
      } else {
        return nil
      }
    }
  }
}

extension Quantity {
  private static let spellings = [
    "b": [""], "kb": ["k", "Ki"], "kib": ["Ki"], "ki": ["Ki"], "mb": ["M", "Mi"], "mib": ["Mi"], "mi": ["Mi"],
    "gb": ["G", "Gi"], "gib": ["Gi"], "gi": ["Gi"], "g": ["G", "Gi"], "tb": ["T", "Ti"], "tib": ["Ti"],
    "ti": ["Ti"], "t": ["T", "Ti"], "cpu": [""], "cpus": [""], "core": [""], "cores": [""], "vcpu": [""],
    "millicores": ["m"], "millicpu": ["m"], "meg": ["M", "Mi"], "megabytes": ["M", "Mi"],
    "gigabytes": ["G", "Gi"], "kilobytes": ["k", "Ki"], "bytes": [""], "k": ["k", "Ki"],
  ]

  /// Quantities that may have been meant: for `512MB` `512M` and `512Mi`.
  static func meant(by text: String) -> [String] {
    let compact = text.filter { !$0.isWhitespace && $0 != "_" }.replacing(",", with: ".")
    let number = compact.prefix { $0.isDecimalDigit || $0 == "." }
    let unit = compact[number.endIndex...]
    guard !number.isEmpty else { return [] }
    if Quantity(compact) != nil { return [compact] }
    return (spellings[unit.lowercased()] ?? []).map { number + $0 }.filter { Quantity($0) != nil }
  }
}

extension Character {
  fileprivate var isDecimalDigit: Bool { ("0"..."9").contains(self) && isASCII }
}

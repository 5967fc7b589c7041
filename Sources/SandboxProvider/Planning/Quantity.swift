package import PluginWire

/// Amounts as Kubernetes writes them: `500m`, `2`, `1Gi`, `1e3`.
package enum Quantity {
  private static let suffixes: [(String, Double)] = [
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776),
    ("Pi", 1_125_899_906_842_624), ("Ei", 1_152_921_504_606_846_976), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3),
    ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18), ("", 1),
  ]

  /// The amount as a number; nil for what is none.
  package static func amount(_ text: String) -> Double? {
    for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
      let digits = text.dropLast(suffix.count)
      guard digits.allSatisfy({ "0123456789.+-eE".contains($0) }), let number = Double(digits) else {
        continue
      }
      return number * factor
    }
    return nil
  }

  /// The one text that the API server gives back for an amount: no fraction, the largest suffix that
  /// keeps it whole, powers of 1024 where it was given in them. Anything else comes back as it is.
  package static func canonical(_ text: String) -> String {
    guard let amount = amount(text), amount.magnitude < 9e15 else { return text }
    if text.hasSuffix("i") {
      let whole = amount.rounded(.up)
      for (suffix, factor) in suffixes.prefix(6).reversed()
      where whole != 0 && whole.truncatingRemainder(dividingBy: factor) == 0 {
        return "\(Int64(whole / factor))\(suffix)"
      }
      return "\(Int64(whole))"
    }
    let thousandths = (amount * 1000).rounded(.up)
    for (suffix, factor) in suffixes.suffix(from: 9).dropLast().reversed() + [("", 1), ("m", 1e-3)]
    where thousandths.truncatingRemainder(dividingBy: factor * 1000) == 0 {
      return "\(Int64(thousandths / (factor * 1000)))\(thousandths == 0 ? "" : suffix)"
    }
    return text
  }

  package static func canonical(_ value: Value) -> Value {
    switch value {
    case .string(let text): .string(canonical(text))
    case .object(let members): .object(members.mapValues(canonical))
    default: value
    }
  }

  /// The configured value, or the prior one where both mean the same amount. Maps are compared key by key.
  package static func keeping(_ prior: Value, for configured: Value) -> Value {
    switch (prior, configured) {
    case (.string(let old), .string(let new)):
      guard let one = amount(old), let other = amount(new), one == other else { return configured }
      return prior
    case (.object(let old), .object(let new)):
      return .object(Dictionary(uniqueKeysWithValues: new.map { ($0, keeping(old[$0] ?? .null, for: $1)) }))
    default: return configured
    }
  }
}

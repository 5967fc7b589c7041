/// A range of IP addresses: `10.0.0.0/8`, `2001:db8::/32`.
enum CIDR: Sendable, Hashable {
  case ipv4
  case ipv6

  /// Nil for what is none. AWS sets host bits to zero itself, so they may be there.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Self.number(parts[1], limit: 128) else { return nil }
    if Self.isIPv4(parts[0]), length <= 32 {
      self = .ipv4
    } else if Self.isIPv6(parts[0]) {
      self = .ipv6
    } else {
      return nil
    }
  }

  /// A decimal number without leading zeros, which some read as octal.
  private static func number(_ text: some StringProtocol, limit: Int) -> Int? {
    guard text.isMade(of: \.isAsciiDigit), text == "0" || !text.hasPrefix("0"), let value = Int(text) else {
      return nil
    }
    return value <= limit ? value : nil
  }

  private static func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { number($0, limit: 255) != nil }
  }

  /// Groups of up to four hexadecimal digits, with one `::` for groups of zeros left out.
  private static func isIPv6(_ text: some StringProtocol) -> Bool {
    let text = String(text)
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2, text.contains(":") else { return false }
    let groups = halves.flatMap { half in
      half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
    }
    let areLegal = groups.allSatisfy { group in
      group.count <= 4
        && group.isMade { scalar in scalar.isLowerHex || ("A"..."F").contains(scalar) }
    }
    return areLegal && (halves.count == 2 ? groups.count <= 7 : groups.count == 8)
  }
}

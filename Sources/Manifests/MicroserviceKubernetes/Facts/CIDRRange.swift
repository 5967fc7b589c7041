/// A range of IP addresses as bits, to see whether one lies within another.
struct CIDRRange: Sendable {
  private let groups: [UInt16]
  private let length: Int

  /// Nil for what is none.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let form = CIDR(text), parts.count == 2, let length = Int(parts[1]) else { return nil }
    self.length = length
    groups = form == .ipv4 ? Self.ipv4(parts[0]) : Self.ipv6(parts[0])
  }

  private static func ipv4(_ text: Substring) -> [UInt16] {
    let bytes = text.split(separator: ".").compactMap { UInt16($0) }
    return [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]]
  }

  private static func ipv6(_ text: Substring) -> [UInt16] {
    let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
      .map { $0.split(separator: ":").compactMap { UInt16($0, radix: 16) } }
    guard halves.count == 2 else { return halves[0] }
    return halves[0] + Array(repeating: 0, count: 8 - halves[0].count - halves[1].count) + halves[1]
  }

  func contains(_ other: CIDRRange) -> Bool {
    guard groups.count == other.groups.count, length <= other.length else { return false }
    return (0..<length).allSatisfy { bit in
      let shift = 15 - bit % 16
      return groups[bit / 16] >> shift & 1 == other.groups[bit / 16] >> shift & 1
    }
  }
}

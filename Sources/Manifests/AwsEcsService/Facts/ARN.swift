/// An Amazon Resource Name: `arn:<partition>:<service>:<region>:<account>:<resource>`.
struct ARN: Sendable, Hashable {
  var partition: String
  var service: String
  /// Empty for what is global.
  var region: String
  /// Empty for what has no owner in its name, such as an S3 bucket.
  var account: String
  /// All that follows, colons included.
  var resource: String

  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 6, parts[0] == "arn", Self.isPartition(parts[1]) else { return nil }
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else { return nil }
    (partition, service, region, account, resource) = (parts[1], parts[2], parts[3], parts[4], parts[5])
  }

  private static func isPartition(_ text: String) -> Bool {
    text == "aws" || (text.hasPrefix("aws-") && text.isMade { $0.isNameLetter })
  }

  /// The partition that a region lies in.
  static func partition(of region: String) -> String {
    if region.hasPrefix("cn-") { return "aws-cn" }
    return region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
  }

  var hasAccount: Bool { account.count == 12 && account.isMade(of: \.isAsciiDigit) }
  var isRegional: Bool { !region.isEmpty && hasAccount }

  /// What follows a prefix of the resource; nil when there is no such prefix or nothing after it.
  func resource(after prefix: String) -> String? {
    guard resource.hasPrefix(prefix), resource.count > prefix.count else { return nil }
    return String(resource.dropFirst(prefix.count))
  }
}

import YAMLTree

/// A container's image, written as one string or in parts.
struct EcsImage: Sendable {
  /// Without tag and digest; empty when it is missing.
  let repository: String
  /// As ECS takes it.
  let reference: String

  init(_ view: DecodingView?) {
    if let text = view?.string {
      reference = text
      let name = text.prefix { $0 != "@" }
      // A colon before the last slash belongs to the registry's port.
      let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
      repository = String(name[..<(name[lastSlash...].firstIndex(of: ":") ?? name.endIndex)])
      return
    }
    repository = view?["repo"]?.string ?? ""
    if let digest = view?["digest"]?.string {
      reference = "\(repository)@\(digest)"
    } else {
      reference = "\(repository):\(view?["tag"]?.string ?? "latest")"
    }
  }

  /// The ARN of the private ECR repository that the image is in; nil for any other registry.
  var ecrRepositoryARN: String? {
    guard let slash = repository.firstIndex(of: "/") else { return nil }
    let path = repository[repository.index(after: slash)...]
    let host = repository[..<slash].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard host.count == 6 || (host.count == 7 && host[6] == "cn"), !path.isEmpty,
      host[0].count == 12, host[0].isMade(of: \.isAsciiDigit),
      host[1...2] == ["dkr", "ecr"], host[4...5] == ["amazonaws", "com"]
    else { return nil }
    return "arn:\(ARN.partition(of: host[3])):ecr:\(host[3]):\(host[0]):repository/\(path)"
  }
}

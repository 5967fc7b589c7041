import YAMLTree

/// A container's image, written as one string or in parts.
struct K8sImage: Sendable {
  let view: DecodingView?
  /// Without tag and digest; empty when it is missing.
  let repository: String
  /// Nil where none is written.
  let tag: String?
  let digest: String?
  let pullSecret: String?
  private let givenPolicy: String?
  private let text: String?

  init(_ view: DecodingView?) {
    self.view = view
    givenPolicy = view?["pullPolicy"]?.string
    pullSecret = view?["pullSecretName"]?.string
    text = view?.string
    if let text {
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts.first ?? ""
      // A colon before the last slash belongs to the registry's port.
      let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
      let colon = name[lastSlash...].firstIndex(of: ":")
      repository = String(name[..<(colon ?? name.endIndex)])
      tag = colon.map { String(name[name.index(after: $0)...]) }
      digest = parts.count == 2 ? String(parts[1]) : nil
      return
    }
    repository = view?["repo"]?.string ?? ""
    digest = view?["digest"]?.string
    tag = view?["tag"]?.string
  }

  /// As Kubernetes takes it.
  var reference: String {
    if let text { return text }
    if let digest { return "\(repository)@\(digest)" }
    return "\(repository):\(tag ?? "latest")"
  }

  /// Whether the same reference can mean something else tomorrow.
  var isLatest: Bool { digest == nil && (tag ?? "latest") == "latest" }

  var pullPolicy: String { givenPolicy ?? (isLatest ? "Always" : "IfNotPresent") }
}

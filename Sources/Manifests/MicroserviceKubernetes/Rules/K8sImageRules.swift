import StackModel
import YAMLTree

extension K8sRules {
  mutating func checkImages() {
    for container in service.allContainers {
      if container.image.repository.isEmpty {
        reportMissing(container)
        continue
      }
      if let problem = Self.problem(container.image), let view = container.image.view {
        error("k8s.image.form", view["repo"] ?? view, problem.message, hint: problem.hint)
      } else if container.image.isLatest, let view = container.image.view {
        warning(
          "k8s.image.latest",
          view,
          "the same manifest can run something else tomorrow",
          hint: "give the image a tag other than `latest`, or a digest"
        )
      }
    }
    checkRegistries()
  }

  /// `k8s.image.missing`
  private mutating func reportMissing(_ container: K8sContainer) {
    let view = container.view["image"] ?? container.view
    let field = container.view["image"] == nil ? "image" : view["repo"] == nil ? "repo" : nil
    guard container.role == .main else {
      error(
        "k8s.image.missing",
        view,
        field: field,
        "container `\(container.name)` has no image",
        hint: "write `image: repository:tag`"
      )
      return
    }
    error(
      "k8s.image.missing",
      view,
      field: field,
      "`\(container.view.path).image` is missing",
      hint: "give it with `--image repo:tag` or in the manifest"
    )
  }

  /// `k8s.image.form`
  private static func problem(_ image: K8sImage) -> (message: String, hint: String?)? {
    let text = image.view?.string ?? image.repository
    if let scheme = text.firstRange(of: "://") {
      let prefix = text[..<scheme.upperBound]
      return ("`\(prefix)` does not belong to an image", "write `\(text[scheme.upperBound...])`")
    }
    if text.contains(where: \.isWhitespace) { return ("an image has no spaces", nil) }
    let repository = image.repository
    if repository != repository.lowercased() {
      return ("an image's repository is lower case", "write `\(repository.lowercased())`")
    }
    let lastSlash = repository.lastIndex(of: "/") ?? repository.startIndex
    if image.view?.string == nil, repository[lastSlash...].contains(where: { $0 == ":" || $0 == "@" }) {
      return ("tag and digest do not belong into `repo`", "write them into `tag` and `digest`")
    }
    if let tag = image.tag, tag.contains(":") {
      return ("an image has at most one tag", "`\(tag)` are several")
    }
    if let tag = image.tag, !isTag(tag) {
      return ("`\(tag)` is not a tag", "a tag has letters, digits, `_`, `.` and `-`")
    }
    if let digest = image.digest, !isDigest(digest) {
      return ("`\(digest)` is not a digest", "a digest is sha256: and 64 hexadecimal digits")
    }
    let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
    let isLegal = parts.enumerated().allSatisfy { index, part in
      part.isMade { $0.isLowerNameLetter || $0 == "_" || $0 == "." || (index == 0 && $0 == ":") }
    }
    return isLegal ? nil : ("`\(repository)` is not an image's repository", "for example ghcr.io/org/name")
  }

  private static func isTag(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, text.utf8.count <= 128 else { return false }
    return (first.isAsciiAlphanumeric || first == "_")
      && text.isMade { $0.isNameLetter || $0 == "_" || $0 == "." }
  }

  private static func isDigest(_ text: String) -> Bool {
    text.hasPrefix("sha256:") && text.utf8.count == 71 && text.dropFirst(7).isMade(of: \.isLowerHex)
  }

  /// `k8s.image.registry`
  private mutating func checkRegistries() {
    for registry in service.registries where !Self.isRegistry(registry.server) {
      error(
        "k8s.image.registry",
        registry.view["server"] ?? registry.view,
        "`\(registry.server)` is not a registry",
        hint: "a host name such as ghcr.io, with a port or path where it has one, without https://"
      )
    }
    let servers = service.registries.map { ($0.server, $0.view["server"] ?? $0.view) }
    checkUnique("k8s.image.registry", servers) { "the registry `\($0)` is given twice" }
  }

  private static func isRegistry(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let host = (parts.first ?? "").split(separator: ":", omittingEmptySubsequences: false)
    guard let name = host.first, name.lowercased().isDNSName, host.count <= 2 else { return false }
    if host.count == 2, !host[1].isMade(of: \.isAsciiDigit) { return false }
    return parts.dropFirst().allSatisfy { part in
      part.isMade { $0.isNameLetter || $0 == "_" || $0 == "." }
    }
  }

  /// `k8s.container.name`
  mutating func checkContainerNames() {
    for container in service.allContainers where !container.name.isDNSLabel {
      let nearest = container.name.nearestDNSLabel
      error(
        "k8s.container.name",
        container.view["name"] ?? container.view,
        "a container's name has lower-case letters, digits and hyphens",
        hint: nearest.isEmpty ? nil : "for example `\(nearest)`"
      )
    }
    let names = service.allContainers.map { ($0.name, $0.view["name"] ?? $0.view) }
    checkUnique("k8s.container.name", names) { "another container of the pod is named `\($0)`" }
  }
}

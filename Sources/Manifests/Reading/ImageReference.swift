package import StackModel
import YAMLTree

/// A container image as `--image` takes it: `repo:tag`, `host:5000/repo:tag`, `repo@sha256:...`.
package struct ImageReference: Sendable, Hashable {
  package var repo: String
  package var tag: String?
  package var digest: String?

  package init(repo: String, tag: String? = nil, digest: String? = nil) {
    self.repo = repo
    self.tag = tag
    self.digest = digest
  }

  package static func parse(
    _ text: String,
    flag: String = "--image"
  ) -> (image: ImageReference?, diagnostics: [Diagnostic]) {
    func problem(_ message: String, hint: String) -> (image: ImageReference?, diagnostics: [Diagnostic]) {
      (nil, [.error("image.syntax", message, at: SourceLocation(file: "\(flag) \(text)"), hint: hint)])
    }
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0]
    // A colon before the last slash belongs to the registry's port.
    let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
    let colon = name[lastSlash...].lastIndex(of: ":")
    let repo = String(name[..<(colon ?? name.endIndex)])
    let tag = colon.map { String(name[name.index(after: $0)...]) }
    guard !repo.isEmpty, repo.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      return problem("the image has no repository", hint: "write repo:tag or repo@sha256:...")
    }
    if let tag, !isTag(tag) {
      return problem(
        "`\(tag)` is not a tag",
        hint: "a tag is up to 128 letters, digits, _, . and -, and begins with no . or -"
      )
    }
    guard parts.count == 2 else {
      guard tag != nil else {
        return problem("the image has no tag", hint: "write \(repo):<tag> or \(repo)@sha256:<digest>")
      }
      return (ImageReference(repo: repo, tag: tag), [])
    }
    let digest = String(parts[1])
    guard digest.hasPrefix("sha256:"), digest.utf8.count == 71,
      digest.dropFirst(7).allSatisfy(\.isLowercaseHex)
    else {
      return problem("`\(digest)` is not a digest", hint: "a digest is sha256: and 64 hexadecimal digits")
    }
    return (ImageReference(repo: repo, tag: tag, digest: digest), [])
  }

  private static func isTag(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        byte.isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
          || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      }
  }

  /// For a program that is not to be deployed: it reaches no resource.
  static let standIn = ImageReference(repo: "not-deployed", tag: "none", digest: nil)

  /// Puts the image into a document, in the place of whatever image was there.
  func inject(into document: inout YAMLNode, kind: KindDefinition) -> [Diagnostic] {
    let place = SourceLocation(file: "--image")
    guard let path = kind.injectImagePath else {
      return [.error("image.not-taken", "the kind \(kind.kind) takes no image", at: place)]
    }
    let digestPath = path.appending(key: "digest")
    if digest != nil, kind.schema.lookup(digestPath) == nil {
      return [
        .error(
          "image.not-taken",
          "the kind \(kind.kind) takes no digest",
          at: place,
          path: digestPath.description,
          hint: "give a tag: \(repo):<tag>"
        )
      ]
    }
    let written = document.spelling(path)
    var fields = document[written]?.mapping ?? YAMLMapping()
    for (key, value) in [("repo", repo), ("tag", tag), ("digest", digest)] {
      fields.remove(key)
      if let value { fields.set(key, to: YAMLNode(text: value, at: place)) }
    }
    do {
      try document.set(path: written, to: YAMLNode(.mapping(fields), at: place))
      return []
    } catch {
      return [.error("override.path", error.description, at: place, path: path.description)]
    }
  }
}

extension Character {
  fileprivate var isLowercaseHex: Bool { ("0"..."9").contains(self) || ("a"..."f").contains(self) }
}

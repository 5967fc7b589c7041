import LocalFiles

/// What git keeps of a work tree, read from its files: a program would take longer than all else.
struct GitFolder {
  let path: String

  /// The one that a folder belongs to.
  static func find(above folder: String) -> GitFolder? {
    var folder = LocalFiles.absolute(folder)
    while true {
      let git = ServiceRepository.join(folder, ".git")
      if LocalFiles.exists(git) { return GitFolder(path: real(git, beside: folder)) }
      guard folder != "/" else { return nil }
      folder = LocalFiles.parent(of: folder)
    }
  }

  /// A work tree and a submodule have a file in the folder's place, which says where it is.
  private static func real(_ git: String, beside folder: String) -> String {
    guard !LocalFiles.isFolder(git), let text = LocalFiles.text(git), text.hasPrefix("gitdir: ") else {
      return git
    }
    return rooted(line(text.dropFirst("gitdir: ".count)), in: folder)
  }

  /// Nil for a head that is no branch's.
  var branch: String? {
    guard let reference, reference.hasPrefix("refs/heads/") else { return nil }
    let name = String(reference.dropFirst("refs/heads/".count))
    return name.isEmpty || name == ".invalid" ? nil : name
  }

  /// The commit that the head stands at; nil before the first one, and where references are kept in a way that is not
  /// known here.
  var commit: String? {
    guard let reference else { return head.flatMap(Self.object) }
    for folder in [path, common] {
      if let text = LocalFiles.text("\(folder)/\(reference)") { return Self.object(text) }
    }
    for entry in (LocalFiles.text("\(common)/packed-refs") ?? "").split(separator: "\n") {
      let parts = entry.split(separator: " ", maxSplits: 1)
      if parts.count == 2, parts[1] == reference { return Self.object(String(parts[0])) }
    }
    return nil
  }

  private var head: String? { LocalFiles.text("\(path)/HEAD") }

  /// What the head points to by name.
  private var reference: String? {
    guard let head, head.hasPrefix("ref: ") else { return nil }
    return Self.line(head.dropFirst("ref: ".count))
  }

  /// Where a work tree's references are, which it shares with the others.
  private var common: String {
    LocalFiles.text("\(path)/commondir").map { Self.rooted(Self.line($0[...]), in: path) } ?? path
  }

  private static func line(_ text: Substring) -> String { String(text.prefix { $0 != "\n" }) }

  private static func rooted(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : "\(folder)/\(path)"
  }

  private static func object(_ text: String) -> String? {
    let name = line(text[...])
    return [40, 64].contains(name.utf8.count) && name.allSatisfy(\.isHexDigit) ? name : nil
  }
}

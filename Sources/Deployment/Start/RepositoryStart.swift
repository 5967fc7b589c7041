package import LocalFiles
package import StackModel

/// The files of a new `_kustomize` folder.
package struct RepositoryStart: Sendable {
  package struct File: Sendable, Hashable {
    /// Below the `_kustomize` folder.
    package var path: String
    package var text: String
  }

  package var files: [File]

  /// - Parameters:
  ///   - base: the manifest that all overlays begin with.
  ///   - mergeSchema: see ``MergeSchema``.
  package init(base: BaseManifest, environments: [String], mergeSchema: JSONValue) {
    files = [
      File(path: "base/kustomization.yaml", text: Self.baseKustomization),
      File(
        path: "base/\(MergeSchema.fileName)",
        text: String(decoding: mergeSchema.bytes(.pretty), as: UTF8.self)
      ),
      File(path: "base/service.yaml", text: base.text),
    ]
    let local = """
      # A developer's own machine. Never deployed; `stackjob dot-env` makes a .env file of it.
      \(base.head)
      \(Self.nested(base.environmentPath + ["variables"], "LOG_LEVEL: debug"))

      """
    files += Self.overlay(Overlay.localName, local)
    for environment in environments {
      let text = """
        # What `\(environment)` has beyond the base. metadata.env says where it is deployed to, not the folder's name.
        # A label `planton.ai/git-branch: main` would limit it to branches.
        \(base.head)
          env: \(Self.scalar(environment))

        """
      files += Self.overlay(environment, text)
    }
  }

  private static func overlay(_ name: String, _ service: String) -> [File] {
    [
      File(path: "overlays/\(name)/kustomization.yaml", text: overlayKustomization),
      File(path: "overlays/\(name)/service.yaml", text: service),
    ]
  }

  private static let head = """
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization

    """

  private static let baseKustomization = """
    \(head)
    resources:
      - service.yaml

    # Which lists kustomize merges by a key (ports and variables by name); without it an overlay's list takes
    # the place of the base's. `stackjob kustomize schema` writes it anew.
    openapi:
      path: \(MergeSchema.fileName)

    """

  private static let overlayKustomization = """
    \(head)
    resources:
      - ../../base

    patches:
      - path: service.yaml

    """

  /// `a:` and below it `b:`, down to the last line.
  private static func nested(_ keys: [String], _ last: String) -> String {
    (keys.map { "\($0):" } + [last]).enumerated()
      .map { String(repeating: "  ", count: $0.offset) + $0.element }
      .joined(separator: "\n")
  }

  /// A name such as `on` or `1` would be no text without quotes.
  static func scalar(_ text: String) -> String {
    let isBare =
      text.unicodeScalars.first.map { ("a"..."z").contains($0) } == true
      && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text)
      && text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    return isBare ? text : JSONValue.string(text).text()
  }
}

extension RepositoryStart {
  /// The files that are there already.
  package func existing(in folder: String) -> [String] {
    files.map { "\(folder)/\($0.path)" }.filter(LocalFiles.exists)
  }

  /// Writes all files. Without `replacing`, one that is there stops it before that file is touched.
  package func write(to folder: String, replacing: Bool) throws(FileError) {
    for file in files {
      let path = "\(folder)/\(file.path)"
      try LocalFiles.makeFolder(LocalFiles.parent(of: path), mode: 0o755)
      if replacing {
        try LocalFiles.replace(path, with: Array(file.text.utf8), mode: 0o644)
      } else {
        try LocalFiles.add(path, with: Array(file.text.utf8), mode: 0o644)
      }
    }
  }
}

import LocalFiles
package import StackModel
package import YAMLTree

/// The files an overlay is made of, to say where something in its built manifest was written.
///
/// Only what lies in this repository is read. What cannot be read is passed over: kustomize has said so.
package struct OverlaySources: Sendable {
  /// Documents of patches before those they change, of overlays before those of their bases.
  package private(set) var documents: [YAMLNode] = []
  /// What is no YAML in those files.
  package private(set) var syntaxProblems: [Diagnostic] = []
  private var visited: Set<String> = []

  static let fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

  /// The overlay's own file, or nil when it has none.
  package static func kustomization(in folder: String) -> String? {
    fileNames.lazy.map { ServiceRepository.join(folder, $0) }.first { LocalFiles.isFile($0) }
  }

  package init(folder: String) { gather(folder, depth: 0) }

  /// Overlays may extend each other; ten steps are more than anybody takes.
  private static let deepest = 10

  private mutating func gather(_ folder: String, depth: Int) {
    guard depth < Self.deepest, visited.insert(LocalFiles.absolute(folder)).inserted,
      let file = Self.kustomization(in: folder)
    else { return }
    guard let root = read(file).first else { return }
    for node in (root["patches"]?.list ?? []) + (root["patchesStrategicMerge"]?.list ?? []) {
      guard let name = node["path"]?.string ?? node.string, !name.contains("\n") else { continue }
      documents += read(ServiceRepository.join(folder, name))
    }
    for key in ["components", "resources", "bases"] {
      for node in root[key]?.list ?? [] {
        guard let name = node.string, !name.contains("://"), !name.contains("?ref=") else { continue }
        let path = Self.collapsed(ServiceRepository.join(folder, name))
        if LocalFiles.isFolder(path) {
          gather(path, depth: depth + 1)
        } else {
          documents += read(path)
        }
      }
    }
  }

  private mutating func read(_ path: String) -> [YAMLNode] {
    guard LocalFiles.isFile(path) else { return [] }
    let (documents, problems) = YAMLReader.readFile(path)
    syntaxProblems += problems.filter { $0.severity == .error && !syntaxProblems.contains($0) }
    return documents
  }

  /// `overlays/dev/../../base` is `base` to a reader.
  static func collapsed(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// Where a field is written, or the nearest that holds it; nil when none of the files has anything of it.
  package func location(of path: FieldPath) -> SourceLocation? {
    var path = path
    while !path.isRoot {
      for document in documents {
        if let place = Self.location(of: path, in: document) { return place }
      }
      path.steps.removeLast()
    }
    return documents.first?.location
  }

  /// A value that the files give, those that have the last word first.
  package func value(_ path: FieldPath) -> YAMLNode? {
    documents.lazy.compactMap { $0[path] }.first
  }

  private static func location(of path: FieldPath, in document: YAMLNode) -> SourceLocation? {
    let parent = FieldPath(Array(path.steps.dropLast()))
    switch path.steps.last {
    case .key(let key): return document[parent]?.mapping?.entry(key)?.keyLocation
    case .index: return document[path]?.location
    case nil: return document.location
    }
  }
}

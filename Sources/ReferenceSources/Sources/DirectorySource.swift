import LocalFiles
package import References

/// A folder with a folder for each group and a file for each entry, as secrets are mounted into containers.
package struct DirectorySource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  private let path: String

  package init(name: String, kinds: Set<GroupKind>, path: String) {
    self.name = name
    self.kinds = kinds
    self.path = path
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let parts =
      [reference.group]
      + reference.entry.split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    // A name is a name, not a way out of the folder.
    guard !parts.contains(where: { ["", ".", ".."].contains($0) }) else { return .missing(known: []) }
    let file = ([path] + parts).joined(separator: "/")
    guard LocalFiles.isFolder(path) else {
      return .failed(SourceFailure(.unavailable, "there is no folder \(path)"))
    }
    guard LocalFiles.isFile(file) else {
      guard !LocalFiles.exists(file) || LocalFiles.isFolder(file) else {
        return .failed(SourceFailure(.refused, "\(file) is no plain file"))
      }
      return .missing(known: entries(of: reference.group))
    }
    do throws(FileError) {
      return SourceAnswer.text(try LocalFiles.read(file), of: file).withoutFinalNewline
    } catch {
      return .failed(SourceFailure(.refused, "\(error)"))
    }
  }

  private func entries(of group: String) -> [String] {
    let entries = (try? LocalFiles.list("\(path)/\(group)")) ?? []
    guard entries.isEmpty else { return entries.filter { !$0.hasPrefix(".") }.map { "\(group)/\($0)" } }
    return ((try? LocalFiles.list(path)) ?? []).filter { !$0.hasPrefix(".") }
      .flatMap { name in ((try? LocalFiles.list("\(path)/\(name)")) ?? []).map { "\(name)/\($0)" } }
  }
}

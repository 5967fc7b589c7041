package import References
import StackModel
import ToolProcess
import YAMLTree

/// A file that `sops` or `age` decrypts. The clear text stays in memory.
package struct EncryptedFileSource: ReferenceSource {
  package enum Form: Sendable {
    /// A YAML or JSON file: `{group}` in its name, or groups as its first level.
    case sops
    /// Documents of groups as a whole.
    case age(identity: String)
  }

  package let name: String
  package let kinds: Set<GroupKind>
  private let file: String
  private let form: Form
  private let tool: SourceTool
  private let clear = ClearTexts()

  package init(name: String, kinds: Set<GroupKind>, file: String, form: Form, tool: SourceTool) {
    self.name = name
    self.kinds = kinds
    self.file = file
    self.form = form
    self.tool = tool
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let path = Placeholders(text: file).filled(reference)
    // The name of a group is a name, not a way to another folder.
    guard !reference.group.contains("/"), reference.group != ".." else { return .missing(known: []) }
    switch await clear.text(of: path, decrypt: { await decrypt(path) }) {
    case .failure(let failure): return .failed(failure)
    case .success(let text):
      switch form {
      case .sops: return lookInTree(text, path, reference)
      case .age: return await lookInDocuments(text, path, reference)
      }
    }
  }

  private func decrypt(_ path: String) async -> Result<Secret, SourceFailure> {
    let words: [String]
    switch form {
    case .sops: words = ["sops", "--decrypt", "--output-type", "json", path]
    case .age(let identity): words = ["age", "--decrypt", "--identity", identity, path]
    }
    return await tool.run(words).flatMap { output in
      output.exit.isSuccess
        ? .success(Secret(output.standardOutput)) : .failure(SourceTool.failure(of: words[0], output))
    }
  }

  private func lookInTree(_ text: Secret, _ path: String, _ reference: GroupReference) -> SourceAnswer {
    guard let json = try? JSONValue(parsing: text.reveal()), let root = json.object else {
      return .failed(SourceFailure(.refused, "\(path) holds no map"))
    }
    let group = Placeholders(text: file).hasGroup ? root : root[reference.group]?.object
    guard let group else {
      return .missing(
        known: root.flatMap { name, value in (value.object ?? [:]).map { "\(name)/\($0.key)" } }
      )
    }
    return .member(reference.entry, of: group, group: reference.group)
  }

  private func lookInDocuments(
    _ text: Secret,
    _ path: String,
    _ reference: GroupReference
  ) async -> SourceAnswer {
    var groups = ReferenceGroups()
    let (documents, problems) = YAMLReader.read(Array(text.reveal().utf8), file: path)
    let all = problems + documents.flatMap { groups.add($0) }
    // Without the lines that it is about: they are secrets.
    if let first = all.first(where: { $0.severity == .error }) {
      return .failed(SourceFailure(.refused, "\(path) is not documents of groups: \(first.message)"))
    }
    return await DocumentSource(name: name, kinds: kinds, groups: groups).look(up: reference)
  }
}

/// What was decrypted in this run, each file once.
private actor ClearTexts {
  private var texts: [String: Task<Result<Secret, SourceFailure>, Never>] = [:]

  func text(
    of path: String,
    decrypt: @escaping @Sendable () async -> Result<Secret, SourceFailure>
  ) async -> Result<Secret, SourceFailure> {
    let task = texts[path] ?? Task { await decrypt() }
    texts[path] = task
    return await task.value
  }
}

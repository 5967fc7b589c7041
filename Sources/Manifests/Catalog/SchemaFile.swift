import StackModel
import YAMLTree

/// Reads `schema.json`, and finds the line of what is wrong in it.
enum SchemaFile {
  private static let limit = 4 << 20

  static func read(_ path: String) -> (schema: JSONSchema?, diagnostics: [Diagnostic]) {
    switch InputFile.load(path, limit: limit) {
    case .failure(let problem): return (nil, [problem.diagnostic])
    case .success(let bytes):
      let value: JSONValue
      do {
        value = try JSONValue(parsing: bytes)
      } catch {
        let place = place(of: error.offset, in: bytes, file: path)
        return (nil, [.error("schema.invalid", "this is not JSON: \(error.message)", at: place)])
      }
      let (schema, problems) = JSONSchema.compile(value, file: path)
      return (schema, problems.isEmpty ? [] : located(problems, bytes, file: path))
    }
  }

  private static func place(of offset: Int, in bytes: [UInt8], file: String) -> SourceLocation {
    let before = bytes.prefix(offset)
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return SourceLocation(file: file, line: line, column: column)
  }

  /// Positions cost a second reading, so they are looked up only when there is something to say.
  private static func located(_ problems: [Diagnostic], _ bytes: [UInt8], file: String) -> [Diagnostic] {
    guard let root = YAMLReader.read(bytes, file: file).documents.first else { return problems }
    return problems.map { problem in
      var problem = problem
      problem.location = place(of: SchemaCompiler.steps(problem.path ?? ""), in: root)
      return problem
    }
  }

  private static func place(of steps: [String], in root: YAMLNode) -> SourceLocation {
    var node = root
    var place = root.location
    for step in steps {
      if let entry = node.mapping?.entry(step) {
        node = entry.value
        place = entry.keyLocation
      } else if let element = Int(step).flatMap({ node[$0] }) {
        node = element
        place = element.location
      } else {
        break
      }
    }
    return place
  }
}

/// Looks lines up in the files that messages point into, splitting each file once.
struct SourceLines {
  private let source: (String) -> String?
  private var files: [String: [Substring]] = [:]

  init(_ source: @escaping (String) -> String?) { self.source = source }

  mutating func line(_ number: Int, of file: String) -> Substring? {
    if files[file] == nil {
      files[file] =
        source(file)?.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        ?? []
    }
    guard let lines = files[file], lines.indices.contains(number - 1) else { return nil }
    return lines[number - 1]
  }
}

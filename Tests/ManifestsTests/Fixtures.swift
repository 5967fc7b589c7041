import Manifests
import StackModel
import YAMLTree

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where the test data lies, and how problems are laid out in golden files.
enum Fixtures {
  static let directory =
    "\(#filePath)".split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures"
  static let catalog = KindCatalog(roots: ["\(directory)/templates"])
  static let updatesGolden = getenv("STACKJOB_UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  static func bytes(_ path: String) -> [UInt8]? {
    try? InputFile.load("\(directory)/\(path)", limit: 8 << 20).get()
  }

  static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  static func write(_ text: String, to path: String) {
    guard let file = fopen("\(directory)/\(path)", "w") else { return }
    fputs(text, file)
    fclose(file)
  }

  /// The names in a folder that end so, without that ending.
  static func names(in folder: String, ending: String) -> [String] {
    guard let stream = opendir("\(directory)/\(folder)") else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(ending) { names.append(String(name.dropLast(ending.count))) }
    }
    return names.sorted()
  }

  static func rendered(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { diagnostic in
      let place = diagnostic.location.map { "\($0): " } ?? ""
      let path = diagnostic.path.map { "    at \($0)\n" } ?? ""
      let hint = diagnostic.hint.map { "    hint: \($0)\n" } ?? ""
      return
        "\(place)\(diagnostic.severity.rawValue) \(diagnostic.code)\n    \(diagnostic.message)\n\(path)\(hint)"
    }.joined()
  }
}

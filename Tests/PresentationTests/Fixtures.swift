import StackModel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Where the test data lies, and the one way to compare with it.
enum Fixtures {
  static let root = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  static let folder = "\(root)/Tests/Fixtures/presentation"
  static let updatesGolden = getenv("STACKJOB_UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  static func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Holds a text against the golden file of that name, whole. `STACKJOB_UPDATE_GOLDEN=1` writes the
  /// file anew.
  static func expect(_ actual: String, equals name: String) throws {
    let path = "\(folder)/\(name)"
    if updatesGolden {
      let file = try #require(fopen(path, "w"))
      fputs(actual, file)
      fclose(file)
    }
    let golden = text(path)
    #expect(golden == actual, "\(name) differs; STACKJOB_UPDATE_GOLDEN=1 writes it anew")
  }

  static func names(ending: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
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
}

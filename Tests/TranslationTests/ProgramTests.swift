import LocalFiles
import ManifestCorpus
import StackModel
import Testing
import Translation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the templates make of the examples, and of everything between them.
struct ProgramTests {
  private static let checker = ProgramChecker(facts: Corpus.facts)
  private static let updatesGolden = getenv("STACKJOB_UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  @Test(arguments: Corpus.kinds)
  func `programs of examples are as they were`(kind: String) throws {
    let corpus = try Corpus(kind)
    for form in corpus.written {
      for file in try corpus.program(form.values).files {
        let path = "\(Corpus.fixtures)/pulumi/\(kind)/\(form.name)/\(file.path)"
        if Self.updatesGolden {
          try LocalFiles.makeFolder(LocalFiles.parent(of: path))
          try LocalFiles.replace(path, with: file.bytes, mode: 0o644, durably: false)
        }
        let golden = try? LocalFiles.read(path)
        #expect(golden == file.bytes, "\(path)")
      }
    }
  }

  @Test(arguments: Corpus.kinds)
  func `the providers' SDKs would take the programs of examples`(kind: String) throws {
    let corpus = try Corpus(kind)
    #expect(corpus.written.count >= 8)
    for form in corpus.written {
      let problems = Self.checker.problems(in: try corpus.program(form.values).program)
      #expect(problems == [], "\(form.name)")
    }
  }

  @Test(arguments: Corpus.kinds)
  func `the SDKs would take the programs with each field there and not there`(kind: String) throws {
    let corpus = try Corpus(kind)
    let mixed = corpus.mixed()
    #expect(mixed.count > 500)
    for form in mixed {
      let problems = Self.checker.problems(in: try corpus.program(form.values).program)
      #expect(problems == [], "\(form.name)")
    }
  }
}

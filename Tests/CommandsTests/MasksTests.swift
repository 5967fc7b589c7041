import LocalFiles
import StackModel
import Testing

@testable import Commands

@Suite struct MasksTests {
  @Test func `a mask that hides nothing is warned of`() throws {
    let found = try Masks.collect(
      names: ["TOKEN", "MISSPELT", "SHORT"],
      file: nil,
      environment: ["TOKEN": "long enough", "SHORT": "abc"]
    ).get()
    #expect(found.secrets.map { $0.reveal() }.contains("long enough"))
    #expect(found.warnings.map(\.severity) == [.warning, .warning])
    #expect(found.warnings[0].message.contains("`MISSPELT`"))
    #expect(found.warnings[1].message.contains("`SHORT`"))
  }

  @Test func `a line of the mask file counts with and without the space around it`() throws {
    let path = "/tmp/stackjob-masks-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.create(path, with: Array("one\r\n\n  two words \t\n".utf8))
    defer { try? LocalFiles.remove(path) }
    let found = try Masks.collect(names: [], file: path, environment: [:]).get()
    let values = Set(found.secrets.map { $0.reveal() })
    #expect(values == ["one", "  two words \t", "two words"])
  }
}

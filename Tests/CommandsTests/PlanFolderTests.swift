import JobRunner
import LocalFiles
import Testing

@Suite struct PlanFolderTests {
  @Test func `a plan is kept in a new or empty folder and in no other's`() throws {
    let folder = "/tmp/stackjob-plans-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(folder) }
    #expect(PlanFolder(path: folder).isUsable)
    try LocalFiles.makeFolder("\(folder)")
    #expect(PlanFolder(path: folder).isUsable)
    // Another tool's file of that name does not make the folder ours to clear.
    try LocalFiles.create("\(folder)/digest.json", with: Array("{}".utf8))
    #expect(!PlanFolder(path: folder).isUsable)
  }

  @Test func `an empty path is not the root folder`() {
    #expect(!PlanFolder(path: "").isUsable)
  }
}

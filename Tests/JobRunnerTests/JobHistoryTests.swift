import LocalFiles
import StackModel
import Testing

@testable import JobRunner

@Suite struct JobHistoryTests {
  @Test func `workspaces of the dead are swept, but not a state that is nowhere else`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      for id in ["1-dead", "2-errored"] {
        try LocalFiles.makeFolder(folder.job(id).workspace)
        try LocalFiles.create(folder.job(id).journal, with: [])
      }
      let errored = Workspace(path: folder.job("2-errored").workspace).erroredState
      try LocalFiles.create(errored, with: [1])
      JobHistory(folder).sweepWorkspaces()
      #expect(!LocalFiles.exists(folder.job("1-dead").workspace))
      #expect(LocalFiles.exists(folder.job("1-dead").journal))
      #expect(LocalFiles.exists(errored))
    }
  }
}

@Suite struct PlanFolderTests {
  @Test func `a folder of somebody else's is not written over`() async throws {
    try await withScratch { home in
      let folder = PlanFolder(path: "\(home)/kept")
      #expect(folder.isUsable)
      try LocalFiles.makeFolder(folder.program)
      #expect(folder.isUsable, "an earlier plan that was not finished")
      try LocalFiles.create("\(folder.path)/notes.txt", with: [])
      #expect(!folder.isUsable)
      try LocalFiles.create(folder.record, with: Array("{}".utf8))
      #expect(!folder.isUsable, "any digest.json is not a plan's")
    }
  }
}

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

  @Test func `the oldest jobs go, but not the one that has just ended`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      let ids = (100..<(105 + JobHistory.retained)).map { "20260101T\($0)" }
      for id in ids { try LocalFiles.makeFolder(folder.job(id).path) }
      try LocalFiles.makeFolder(folder.job(ids[1]).workspace)
      JobHistory(folder).prune(keeping: ids[0])
      let left = try LocalFiles.list("\(folder.path)/jobs")
      #expect(left == ids[0...1] + ids.suffix(JobHistory.retained))
    }
  }
}

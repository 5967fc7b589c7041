import JobRunner
import LocalFiles
import StackModel
import Synchronization
import Testing

@Suite struct JournalTests {
  @Test func `events are numbered without gaps, masked, on disk before they are shown`() async throws {
    try await withScratch { home in
      let path = "\(home)/events.ndjson"
      let shown = Mutex<[Int]>([])
      let onDisk = Mutex<[Bool]>([])
      let journal = try Journal(
        job: "j",
        stack: try someStack(),
        path: path,
        redactor: Redactor(secrets: [Secret("hunter22")]),
        clock: { Timestamp(milliseconds: 0) },
        sink: { event in
          shown.withLock { $0.append(event.seq) }
          let lines = (LocalFiles.text(path) ?? "").split(separator: "\n")
          onDisk.withLock { $0.append(lines.count == event.seq) }
        }
      )
      await withTaskGroup { group in
        for index in 0..<200 {
          group.addTask { journal.append(.log(stream: "stdout", line: "\(index) hunter22")) }
        }
      }
      #expect(shown.withLock { $0 } == Array(1...200))
      #expect(onDisk.withLock { $0.allSatisfy { $0 } })
      let text = try #require(LocalFiles.text(path))
      #expect(!text.contains("hunter22"))
      let numbers = try text.split(separator: "\n").map { try JSONValue(parsing: String($0))["seq"]?.int }
      #expect(numbers == Array(1...200))
    }
  }

  @Test func `nothing follows the end of a job`() async throws {
    try await withScratch { home in
      let path = "\(home)/events.ndjson"
      let journal = try Journal(
        job: "j",
        stack: try someStack(),
        path: path,
        redactor: Redactor(secrets: []),
        clock: WallClock.now,
        sink: { _ in }
      )
      journal.append(.jobFinished(JobFinished(result: .succeeded, exitCode: .done, seconds: 1)))
      journal.append(.log(stream: "stdout", line: "late"))
      let lines = try #require(LocalFiles.text(path)).split(separator: "\n")
      #expect(lines.count == 1)
    }
  }

  @Test func `a journal is never written over`() async throws {
    try await withScratch { home in
      try LocalFiles.create("\(home)/e", with: [1])
      #expect(throws: FileError.self) {
        try Journal(
          job: "j",
          stack: try someStack(),
          path: "\(home)/e",
          redactor: Redactor(secrets: []),
          clock: WallClock.now,
          sink: { _ in }
        )
      }
    }
  }
}

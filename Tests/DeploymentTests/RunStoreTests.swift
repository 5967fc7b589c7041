import Deployment
import LocalFiles
import StackModel
import Testing

@Suite struct RunStoreTests {
  private static let now = Timestamp(milliseconds: 1_772_357_400_000)

  private func inFolder(_ body: (RunStore) throws -> Void) throws {
    let home = "/tmp/stackjob-runs-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(home) }
    let store = RunStore(home: home)
    try LocalFiles.makeFolder(store.folder("r1").path)
    try body(store)
  }

  private func waiting() throws -> Run {
    var rules = TaskRules()
    rules.requiresManualGate = true
    let stack = try #require(StackID("acme/prod/Kind/web"))
    var machine = RunMachine(
      Run(
        id: "r1",
        createdAt: Self.now,
        createdBy: "mara",
        folder: "/service",
        tasks: [RunTask(name: "prod", stack: stack, rules: rules, inputs: "d")]
      )
    )
    _ = machine.handle(.takenUp, at: Self.now)
    return machine.run
  }

  private func decision(_ isApproved: Bool, by user: String) -> GateDecision {
    GateDecision(task: "prod", isApproved: isApproved, by: user, at: Self.now, reason: "because")
  }

  @Test func `a run reads as it was written, with what was decided since`() throws {
    try inFolder { store in
      let run = try waiting()
      try store.write(run)
      #expect(store.ids() == ["r1"])
      #expect(try store.read("r1", at: Self.now).get() == run)
      try store.add(decision(false, by: "ana"), to: "r1")
      let read = try store.read("r1", at: Self.now).get()
      #expect(read.result == .rejected)
      #expect(read.tasks[0].decision == decision(false, by: "ana"))
    }
  }

  @Test func `of two people one decides`() throws {
    try inFolder { store in
      try store.write(try waiting())
      try store.add(decision(true, by: "ana"), to: "r1")
      let error = #expect(throws: FileError.self) { try store.add(decision(false, by: "ben"), to: "r1") }
      #expect(error?.alreadyExists == true)
      #expect(store.decision(on: "prod", of: "r1")?.by == "ana")
    }
  }

  @Test(arguments: [
    "", "junk", "{}", #"{"task": "dev", "approved": true, "by": "ana", "at": "2026-03-01T09:30:00.000Z"}"#,
  ]) func `what is no decision about the gate opens none, and is told`(text: String) throws {
    try inFolder { store in
      let run = try waiting()
      try store.write(run)
      #expect(store.unreadableDecisions(on: run).isEmpty)
      try store.add(decision(true, by: "ana"), to: "r1")
      #expect(store.unreadableDecisions(on: run).isEmpty)
      let path = "\(store.folder("r1").path)/decisions/prod.json"
      try LocalFiles.replace(path, with: Array(text.utf8))
      #expect(store.decision(on: "prod", of: "r1") == nil)
      #expect(store.unreadableDecisions(on: run).map(\.path) == [path])
      #expect(try store.read("r1", at: Self.now).get() == run)
    }
  }

  @Test func `a backend that is none makes the record unreadable`() throws {
    var run = try waiting()
    run.tasks[0].rules.backend = ["type": "s3", "config": [:]]
    #expect(Run(json: run.json) == run)
    for backend: JSONValue in [["type": "s4"], ["type": 3], [:], "s3"] {
      run.tasks[0].rules.backend = backend
      #expect(Run(json: run.json) == nil)
    }
  }

  @Test func `one process at a time carries a run out`() throws {
    try inFolder { store in
      let first = try store.lock("r1")
      #expect(first != nil)
      #expect(try store.lock("r1") == nil)
      withExtendedLifetime(first) {}
    }
  }

  @Test func `what is no record is told and not taken for one`() throws {
    try inFolder { store in
      let path = "\(store.folder("r1").path)/run.json"
      for text in [
        "", "{", "{}", #"{"format": 99, "run": "r1"}"#, #"{"format": 1, "run": "r1", "tasks": [{}]}"#,
      ] {
        try LocalFiles.replace(path, with: Array(text.utf8))
        #expect(throws: RunStore.Problem.unreadable(path: path)) { try store.read("r1", at: Self.now).get() }
      }
    }
  }

  @Test func `a folder without a record is no run`() throws {
    try inFolder { store in #expect(store.ids() == []) }
  }

  @Test func `old runs go once they are over, and nothing that somebody still waits for`() throws {
    try inFolder { store in
      store.remove("r1")
      for number in 1...5 {
        var run = try waiting()
        run.id = "2026010\(number)"
        if number != 2 { run.tasks[0].status = .completed }
        try LocalFiles.makeFolder(store.folder(run.id).path)
        try store.write(run)
      }
      for abandoned in ["20251231", "20260106"] { try LocalFiles.makeFolder(store.folder(abandoned).path) }
      store.prune(keeping: 2, abandonedBefore: "20260105", at: Self.now)
      #expect(store.ids() == ["20260102", "20260104", "20260105"])
      #expect(!LocalFiles.exists(store.folder("20251231").path))
      #expect(LocalFiles.exists(store.folder("20260106").path))
    }
  }
}

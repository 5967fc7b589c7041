import Deployment
import StackModel
import Testing

@Suite struct RunMachineTests {
  private static let start = Timestamp(milliseconds: 1_772_357_400_000)

  /// - Parameter tasks: `dev`, `prod!` for one with a gate, `prod<dev+staging` for one that waits.
  private static func run(_ tasks: String..., parallel: Int = 1, expiry: Int? = nil) throws -> Run {
    Run(
      id: "r1",
      createdAt: start,
      createdBy: "mara",
      folder: "/service",
      parallel: parallel,
      tasks: try tasks.map { text in
        let parts = text.split(separator: "<")
        let name = parts[0].filter { $0 != "!" }
        var rules = TaskRules()
        rules.requiresManualGate = parts[0].hasSuffix("!")
        rules.gateExpirySeconds = expiry
        return RunTask(
          name: name,
          stack: try #require(StackID("acme/\(name)/Kind/web")),
          after: parts.count > 1 ? parts[1].split(separator: "+").map(String.init) : [],
          rules: rules,
          inputs: "digest of \(name)"
        )
      }
    )
  }

  /// Events as words, each with the seconds at which it comes.
  private static func event(_ text: String) -> (events: [RunMachine.Event], at: Timestamp) {
    let parts = text.split(separator: " ").map(String.init)
    let seconds = parts.last.flatMap { $0.hasPrefix("@") ? Int64($0.dropFirst()) : nil } ?? 1
    let time = Timestamp(milliseconds: start.milliseconds + seconds * 1000)
    func finished(_ result: JobResult, _ code: ExitCode) -> [RunMachine.Event] {
      [.finished(task: parts[1], TaskEnd(result: result, exitCode: code))]
    }
    func decided(_ isApproved: Bool) -> [RunMachine.Event] {
      [.decided(GateDecision(task: parts[1], isApproved: isApproved, by: "ana", at: time, reason: nil))]
    }
    let events: [RunMachine.Event] =
      switch parts[0] {
      case "begin": [.takenUp]
      case "ok": finished(.succeeded, .done)
      case "fail": finished(.failed, .failed)
      case "cancel": finished(.cancelled, .cancelled)
      case "locked": finished(.failed, .locked)
      case "yes": decided(true)
      case "no": decided(false)
      case "stop": [.stopped]
      default: []
      }
    return (events, time)
  }

  private static func word(_ actions: [RunMachine.Action]) -> String {
    actions.map { action in
      switch action {
      case .start(let task): "start \(task)"
      case .ask(let tasks): "ask \(tasks.joined(separator: "+"))"
      case .end: "end"
      }
    }.joined(separator: ", ")
  }

  private static func state(_ run: Run) -> String {
    run.tasks.map { "\($0.name) \($0.result?.rawValue ?? $0.status.rawValue)" }.joined(separator: ", ")
  }

  /// Each step is an event and what it leads to; the last line is what stands in the end.
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var tasks: [String]
    var parallel = 1
    var expiry: Int?
    var steps: [(String, String)]
    var end: String
  }

  @Test(arguments: [
    Case(
      testDescription: "one after another",
      tasks: ["dev", "prod"],
      steps: [("begin", "start dev"), ("ok dev", "start prod"), ("ok prod", "end")],
      end: "dev succeeded, prod succeeded"
    ),
    Case(
      testDescription: "one after another, though none waits for another and the first one is slow",
      tasks: ["a", "b", "c"],
      steps: [("begin", "start a"), ("time", ""), ("ok a", "start b"), ("ok b", "start c"), ("ok c", "end")],
      end: "a succeeded, b succeeded, c succeeded"
    ),
    Case(
      testDescription: "independent ones at once, as many as allowed",
      tasks: ["a", "b", "c", "d<a+b"],
      parallel: 2,
      steps: [
        ("begin", "start a, start b"), ("ok b", "start c"), ("ok c", ""), ("ok a", "start d"),
        ("ok d", "end"),
      ],
      end: "a succeeded, b succeeded, c succeeded, d succeeded"
    ),
    Case(
      testDescription: "a failure stops what has not begun",
      tasks: ["dev", "staging", "prod!"],
      steps: [("begin", "start dev"), ("fail dev", "end")],
      end: "dev failed, staging skipped, prod skipped"
    ),
    Case(
      testDescription: "what runs beside a failure ends by itself",
      tasks: ["a", "b", "c"],
      parallel: 2,
      steps: [("begin", "start a, start b"), ("fail a", ""), ("ok b", "end")],
      end: "a failed, b succeeded, c skipped"
    ),
    Case(
      testDescription: "a gate stops until it is opened",
      tasks: ["dev", "prod!", "eu"],
      steps: [
        ("begin", "start dev"), ("ok dev", "ask prod"), ("time", "ask prod"), ("yes prod", "start prod"),
        ("ok prod", "start eu"), ("ok eu", "end"),
      ],
      end: "dev succeeded, prod succeeded, eu succeeded"
    ),
    Case(
      testDescription: "a rejection skips all later ones",
      tasks: ["dev", "prod!", "eu"],
      steps: [("begin", "start dev"), ("ok dev", "ask prod"), ("no prod", "end")],
      end: "dev succeeded, prod rejected, eu skipped"
    ),
    Case(
      testDescription: "what does not wait for a gate goes past it, when more than one may run",
      tasks: ["prod!", "eu<prod", "lab"],
      parallel: 2,
      steps: [
        ("begin", "start lab"), ("yes prod", "start prod"), ("ok lab", ""), ("ok prod", "start eu"),
        ("ok eu", "end"),
      ],
      end: "prod succeeded, eu succeeded, lab succeeded"
    ),
    Case(
      testDescription: "a word on a gate that is not open counts for nothing",
      tasks: ["dev", "prod!"],
      steps: [("begin", "start dev"), ("yes prod", ""), ("ok dev", "ask prod")],
      end: "dev succeeded, prod awaiting_approval"
    ),
    Case(
      testDescription: "a gate closes by itself",
      tasks: ["prod!", "eu"],
      expiry: 60,
      steps: [("begin @0", "ask prod"), ("time @59", "ask prod"), ("time @60", "end")],
      end: "prod rejected, eu skipped"
    ),
    Case(
      testDescription: "a word that comes too late opens nothing",
      tasks: ["prod!"],
      expiry: 60,
      steps: [("begin @0", "ask prod"), ("yes prod @61", "end")],
      end: "prod rejected"
    ),
    Case(
      testDescription: "a stop begins nothing new and waits for what runs",
      tasks: ["a", "b", "c"],
      parallel: 2,
      steps: [("begin", "start a, start b"), ("stop", ""), ("cancel a", ""), ("ok b", "end")],
      end: "a cancelled, b succeeded, c queued"
    ),
    Case(
      testDescription: "a stack that is locked is no failure",
      tasks: ["a", "b"],
      steps: [("begin", "start a"), ("locked a", "end")],
      end: "a queued, b queued"
    ),
    Case(
      testDescription: "a task that was running when its process died is begun again",
      tasks: ["a", "b"],
      steps: [("begin", "start a"), ("begin", "start a"), ("ok a", "start b"), ("ok b", "end")],
      end: "a succeeded, b succeeded"
    ),
    Case(
      testDescription: "taken up again, what failed and what was skipped for it is tried again",
      tasks: ["a", "b", "c"],
      steps: [
        ("begin", "start a"), ("ok a", "start b"), ("fail b", "end"), ("begin", "start b"),
        ("ok b", "start c"),
        ("ok c", "end"),
      ],
      end: "a succeeded, b succeeded, c succeeded"
    ),
    Case(
      testDescription: "a gate that was opened stays open for another try",
      tasks: ["prod!"],
      steps: [
        ("begin", "ask prod"), ("yes prod", "start prod"), ("fail prod", "end"), ("begin", "start prod"),
      ],
      end: "prod running"
    ),
    Case(
      testDescription: "a rejection is final",
      tasks: ["prod!", "eu"],
      steps: [("begin", "ask prod"), ("no prod", "end"), ("begin", "end"), ("yes prod", "end")],
      end: "prod rejected, eu skipped"
    ),
  ]) func `a run goes as it should`(example: Case) throws {
    var run = try Self.run(parallel: example.parallel, expiry: example.expiry)
    run.tasks = try example.tasks.flatMap { try Self.run($0, expiry: example.expiry).tasks }
    var machine = RunMachine(run)
    for (word, expected) in example.steps {
      let (events, time) = Self.event(word)
      #expect(Self.word(machine.handle(events, at: time)) == expected, "after \(word)")
      // A process may die after any step; what it left must read as it was.
      let read = try #require(Run(json: try JSONValue(parsing: machine.run.json.text())))
      #expect(read == machine.run)
    }
    #expect(Self.state(machine.run) == example.end)
  }

  @Test func `a run that dies after any step and is taken up again ends the same`() throws {
    for death in 0..<6 {
      var machine = RunMachine(try Self.run("dev", "prod!", "eu"))
      var actions = machine.handle(.takenUp, at: Self.start)
      var step = 0
      while actions != [.end] {
        if step == death {
          let kept = try #require(Run(json: try JSONValue(parsing: machine.run.json.text())))
          machine = RunMachine(kept)
          actions = machine.handle(.takenUp, at: Self.start)
        }
        step += 1
        #expect(step < 20)
        guard let action = actions.first else { break }
        switch action {
        case .start(let task):
          actions = machine.handle(
            .finished(task: task, TaskEnd(result: .succeeded, exitCode: .done)),
            at: Self.start
          )
        case .ask(let open):
          let decision = GateDecision(task: open[0], isApproved: true, by: "ana", at: Self.start, reason: nil)
          actions = machine.handle(.decided(decision), at: Self.start)
        case .end: break
        }
      }
      #expect(machine.run.result == .succeeded, "died after step \(death)")
    }
  }

  @Test func `nobody decides after the gate has closed, whatever their name`() throws {
    for name in ["ana", "stackjob"] {
      var machine = RunMachine(try Self.run("prod!", expiry: 60))
      _ = machine.handle(.takenUp, at: Self.start)
      let late = Timestamp(milliseconds: Self.start.milliseconds + 61_000)
      let decision = GateDecision(task: "prod", isApproved: true, by: name, at: late, reason: nil)
      #expect(machine.handle(.decided(decision), at: late) == [.end])
      #expect(machine.run.result == .rejected)
    }
  }

  @Test func `the result of a run is the worst of its tasks`() throws {
    var run = try Self.run("a", "b")
    run.tasks[0].status = .completed
    run.tasks[0].result = .succeeded
    #expect(run.result == nil)
    run.tasks[1].status = .completed
    for (result, whole) in [
      (JobResult.succeeded, JobResult.succeeded), (.skipped, .succeeded), (.failed, .failed),
      (.rejected, .rejected), (.cancelled, .cancelled),
    ] {
      run.tasks[1].result = result
      #expect(run.result == whole)
    }
  }
}

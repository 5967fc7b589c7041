import JobSources
import LocalFiles
import ProviderHost
import StackModel
import Testing

@testable import Worker

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct WorkerTests {
  @Test func `numbers are told as Prometheus reads them`() {
    var numbers = WorkerStatus.Numbers()
    numbers.results = ["succeeded": 3, "failed": 1]
    numbers.phases = ["preview": (2.5, 2)]
    numbers.running = 1
    numbers.leasesLost = 4
    numbers.spares.ready = 2
    numbers.spares.taken = 5
    let lines = MetricsText.render(numbers).split(separator: "\n", omittingEmptySubsequences: false)
    for line in [
      "# TYPE stackjob_jobs_total counter", "stackjob_jobs_total{result=\"failed\"} 1",
      "stackjob_jobs_total{result=\"succeeded\"} 3", "stackjob_phase_seconds_sum{phase=\"preview\"} 2.5",
      "stackjob_phase_seconds_count{phase=\"preview\"} 2", "stackjob_running 1",
      "stackjob_leases_lost_total 4", "stackjob_spares 2", "stackjob_spares_taken_total 5",
    ] { #expect(lines.contains(Substring(line)), "\(line)") }
    #expect(lines.last == "")
    // Each name is described before its first sample, and once.
    let described = lines.filter { $0.hasPrefix("# TYPE") }
    #expect(Set(described).count == described.count)
  }

  @Test func `what happened before a pause ends it at once`() async {
    let waker = Waker()
    waker.wake()
    await waker.wait(milliseconds: 3_600_000)
    let waiting = Task { await waker.wait(milliseconds: 3_600_000) }
    waker.wake()
    await waiting.value
    await waker.wait(milliseconds: 1)
  }

  @Test func `an event log is looked through whatever its lines are like`() throws {
    let path = "/tmp/stackjob-scan-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.remove(path) }
    let long = String(repeating: "x", count: 400_000)
    let text = """
      {"seq":1,"type":"phase.started","phase":"init"}
      {"seq":2,"type":"log","line":"\(long) \\"type\\":\\"phase.started\\""}
      {"seq":3,"type":"phase.started","phase":"update"}
      {"seq":4,"type":"log","line":"\(long)"}
      {"seq":5,"type":"phase.finished","phase":"update"}
      {"seq":6,"type":"phase.started","pha
      """
    try LocalFiles.replace(path, with: Array(text.utf8))
    var phases: [String?] = []
    EventScan(path: path).forEach("phase.started") { phases.append($0["phase"]?.string) }
    #expect(phases == ["init", "update"])
    var types: [String?] = []
    EventScan(path: path).forEach("phase.started", "phase.finished") { types.append($0["type"]?.string) }
    #expect(types == ["phase.started", "phase.started", "phase.finished"])
    EventScan(path: path + "-none").forEach("phase.started") { _ in Issue.record("there is no such log") }
  }

  @Test(arguments: [
    (QueuedJob.Step.whole, false, "retry"), (.whole, true, "inspect"), (.applyPlan, true, "inspect"),
  ])
  func `a job whose engine was killed is tried again or looked at`(
    step: QueuedJob.Step,
    hasBegun: Bool,
    next: String
  ) {
    var outcome = AttemptOutcome(
      step: step,
      result: .failed,
      exitCode: 1,
      reason: nil,
      digest: nil,
      diagnostics: [],
      journal: nil
    )
    outcome.lostEngine = true
    let settlement = outcome.settlement(interruption: nil, hasBegunChange: hasBegun)
    switch settlement {
    case .retry(let reason): #expect(next == "retry" && reason.hasPrefix("interrupted"))
    case .inspect(let reason): #expect(next == "inspect" && reason.hasPrefix("interrupted"))
    default: Issue.record("\(settlement)")
    }
  }

  @Test(arguments: [
    (QueuedJob.Step.whole, false), (.plan, false), (.applyPlan, false), (.inspect, false), (.whole, true),
  ])
  func `a job whose stack is locked waits, unless it has begun its change`(
    step: QueuedJob.Step,
    hasBegun: Bool
  ) {
    let outcome = AttemptOutcome(
      step: step,
      result: .failed,
      exitCode: 75,
      reason: "locked by job x",
      digest: nil,
      diagnostics: [],
      journal: nil
    )
    switch outcome.settlement(interruption: nil, hasBegunChange: hasBegun) {
    case .wait(let reason): #expect(!hasBegun && reason == "waits: locked by job x")
    case .completed(.failed, 75, _, _): #expect(hasBegun)
    case let other: Issue.record("\(other)")
    }
  }

  @Test(
    arguments: [
      (JobResult.succeeded, "abc", "awaits"), (.succeeded, nil, "ends"), (.failed, nil, "ends"),
    ] as [(JobResult, String?, String)]
  )
  func `what is left of an interrupted change needs a decision`(
    result: JobResult,
    digest: String?,
    next: String
  ) {
    let outcome = AttemptOutcome(
      step: .inspect,
      result: result,
      exitCode: 0,
      reason: nil,
      digest: digest,
      diagnostics: [],
      journal: nil
    )
    switch outcome.settlement(interruption: "interrupted: so", hasBegunChange: false) {
    case .awaitingApproval(let found, let reason):
      #expect(next == "awaits" && found == digest && reason?.hasPrefix("interrupted: so; ") == true)
    case .completed(let ending, _, let reason, _):
      #expect(next == "ends" && ending == .interrupted && reason?.hasPrefix("interrupted: so; ") == true)
    case let other: Issue.record("\(other)")
    }
  }

  @Test func `what stacks took is remembered, and bounds what starts beside others`() throws {
    let path = "/tmp/stackjob-memory-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.remove(path) }
    var book = MemoryBook(path: path)
    #expect(book.estimate("a") == MemoryBook.assumed)
    book.learn("a", peak: 300)
    book.learn("a", peak: 200)
    // Nothing was seen of a job that was over too soon.
    book.learn("a", peak: 0)
    book = MemoryBook(path: path)
    #expect(book.estimate("a") == 200)
    #expect(book.fits("a", beside: [], limit: 1))
    #expect(book.fits("a", beside: [100], limit: 300))
    #expect(!book.fits("a", beside: [101], limit: 300))
    #expect(!book.fits("unknown", beside: [100], limit: 300))
  }

  @Test func `the memory of a process is seen`() {
    #expect(ProcessMemory().ofTree(Int(getpid())) > 1)
    #expect(ProcessMemory().ofTree(-1) == 0)
  }
}

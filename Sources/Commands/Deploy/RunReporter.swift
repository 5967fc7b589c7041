import Deployment
import JobRunner
import LocalFiles
import Presentation
import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Tells of a run in the form that the user asked for.
final class RunReporter: Sendable {
  private struct State {
    var run: Run
    var records: [String: JobRecord] = [:]
    var phases: [String: Phase] = [:]
    var screen: RunScreen?
    var told: [String: RunPage.Row] = [:]
  }

  private let form: JobOutput
  private let quiet: Bool
  private let terminal: Terminal
  private let environment: [String: String]
  private let state: Mutex<State>
  private let ticker = Mutex<Task<Void, Never>?>(nil)

  init(_ run: Run, output: OutputOptions, environment: [String: String]) {
    form = output.output
    quiet = output.quiet
    self.environment = environment
    terminal = Terminal.detect(descriptor: STDOUT_FILENO, environment: environment)
    let isDrawn = form == .text && terminal.isLive && !output.quiet
    var start = State(run: run, screen: isDrawn ? RunScreen(terminal: terminal) : nil)
    // What was done before this process is in the table at the end, and no news.
    for row in RunView.page(run, at: WallClock.now()).rows where row.status == .completed && !row.isUnchanged
    {
      start.told[row.task] = row
    }
    state = Mutex(start)
  }

  func rules(of task: String) -> TaskRules { state.withLock { $0.run[task: task]?.rules } ?? TaskRules() }

  /// The run has come to another state, which is on disk.
  func show(_ run: Run) {
    state.withLock { state in
      state.run = run
      tell(&state)
    }
    guard state.withLock({ $0.screen != nil }) else { return }
    ticker.withLock { ticker in
      guard ticker == nil else { return }
      ticker = Task { [weak self] in
        // Cancellation is how the ticker ends; nothing depends on it.
        while (try? await Task.sleep(for: .milliseconds(200))) != nil { self?.tick() }
      }
    }
  }

  private func tick() { state.withLock { if $0.run.status == .running { tell(&$0) } } }

  func handle(_ event: JobEvent, of task: String) {
    state.withLock { state in
      // Each job of a task, such as a preview before the update, is a record of its own; the last one counts.
      if case .jobStarted = event.body { state.records[task] = JobRecord() }
      state.records[task, default: JobRecord()].add(event)
      if case .phaseStarted(let phase) = event.body {
        state.phases[task] = phase
        tell(&state)
      }
    }
    if form == .ndjson { Console.write(event.json.bytes() + [UInt8(ascii: "\n")]) }
  }

  /// An event of a job that runs elsewhere, as it was written there.
  func relay(_ event: JSONValue, of task: String) {
    if event["type"] == "phase.started", let phase = event["phase"]?.string.flatMap(Phase.init) {
      state.withLock { state in
        state.phases[task] = phase
        tell(&state)
      }
    }
    if form == .ndjson { Console.write(event.bytes() + [UInt8(ascii: "\n")]) }
  }

  private func tell(_ state: inout State) {
    guard form == .text, !quiet else { return }
    let page = page(state)
    if state.screen != nil {
      Console.write(Array((state.screen?.draw(page) ?? "").utf8))
      return
    }
    for row in page.rows {
      if let line = RunText.change(row, since: state.told[row.task]) { Console.print(line) }
      state.told[row.task] = row
    }
  }

  private func page(_ state: State) -> RunPage {
    var page = RunView.page(state.run, at: WallClock.now())
    for index in page.rows.indices {
      let task = page.rows[index].task
      if page.rows[index].status == .running { page.rows[index].phase = state.phases[task] }
      page.rows[index].planned = state.records[task]?.plan?.summary
    }
    return page
  }

  /// Leaves the table where it is, so that a question can stand below it; what follows is drawn anew.
  func pause() {
    state.withLock { state in
      guard state.screen != nil else { return }
      let page = page(state)
      Console.write(Array((state.screen?.finish(page) ?? "").utf8))
    }
  }

  /// Ends the command's output.
  func finish(_ run: Run) {
    ticker.withLock { $0 }?.cancel()
    state.withLock { state in
      state.run = run
      let page = page(state)
      switch form {
      case .text:
        if state.screen != nil {
          Console.write(Array((state.screen?.finish(page) ?? "").utf8))
        } else {
          Console.print(RunPageText.text(page, environment: environment))
        }
        for task in run.tasks where task.result == .failed {
          Console.show(state.records[task.name]?.diagnostics ?? [])
        }
      case .json: Console.write(document(state).bytes(.pretty))
      case .ndjson: break
      case .markdown: Console.print(markdown(state, page))
      }
      GitHubReport(environment: environment).report(
        markdown: markdown(state, page),
        failures: run.tasks.filter { $0.result == .failed }.map {
          ($0.name, $0.reason, state.records[$0.name]?.diagnostics ?? [])
        }
      )
    }
  }

  private func markdown(_ state: State, _ page: RunPage) -> String {
    let records = state.run.tasks.compactMap { state.records[$0.name] }
    let share = PlanMarkdown.commentLimit / (records.count + 1) - 1
    return ([RunMarkdown.render(page)] + records.map { PlanMarkdown.render($0, limit: share) })
      .joined(separator: "\n")
  }

  private func document(_ state: State) -> JSONValue {
    var run = state.run.json.object ?? JSONObject()
    run["tasks"] = .array(
      state.run.tasks.map { task in
        var object = task.json.object ?? JSONObject()
        object["job"] = state.records[task.name]?.document ?? .null
        return .object(object)
      }
    )
    return .object(run)
  }
}

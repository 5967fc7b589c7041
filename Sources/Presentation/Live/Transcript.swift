import StackModel

/// Turns events into lines, and remembers what the closing lines need.
///
/// What it keeps does not grow with the job: outputs, some errors, the last lines of the engine.
struct Transcript {
  let style: Style
  var width: Int
  let isLive: Bool
  let verbosity: TextPresenter.Verbosity
  let source: (@Sendable (String) -> String?)

  private(set) var running = RunningWork()
  /// A question is asked below: nothing is drawn until it is answered.
  private(set) var isPaused = false

  private var header = JobHeader()
  private var section = Section.none
  private var drifted = 0
  /// Whether the last line so far is an empty one; so is the place above the first.
  private var endsBlank = true
  var closing = Closing()

  enum Section { case none, drift, plan, other }

  init(
    style: Style,
    width: Int,
    isLive: Bool,
    verbosity: TextPresenter.Verbosity,
    source: @escaping @Sendable (String) -> String?
  ) {
    self.style = style
    self.width = width
    self.isLive = isLive
    self.verbosity = verbosity
    self.source = source
  }

  private var isQuiet: Bool { verbosity == .quiet }
  private var isVerbose: Bool { verbosity == .verbose }

  mutating func lines(for event: JobEvent, now: Double) -> [String] {
    if case .jobStarted(let operation, let engine, let manifest, let version) = event.body {
      header = JobHeader(
        stack: event.stack,
        operation: operation,
        engine: engine,
        manifest: manifest,
        version: version
      )
      closing.operation = operation
    }
    if case .providerSelected(let target) = event.body { header.target = target }
    if case .toolStarted(_, let version, _, _) = event.body { header.engineVersion = version }
    var lines = body(event.body, now)
    // The header waits for the engine's version, but nothing is told before it.
    var isHeaderDue = !lines.isEmpty
    if case .toolStarted = event.body { isHeaderDue = true }
    if isHeaderDue, !isQuiet { lines = header.take(style) + lines }
    return separated(lines)
  }

  mutating func closingLines(journal: String?) -> [String] {
    let head = isQuiet ? [] : header.take(style)
    return separated(head + closing.lines(style: style, width: width, journal: journal, source: source))
  }

  /// One empty line between two parts is enough.
  private mutating func separated(_ lines: [String]) -> [String] {
    let lines = endsBlank && lines.first == "" ? Array(lines.dropFirst()) : lines
    if let last = lines.last { endsBlank = last.isEmpty }
    closing.printed += lines.count
    return lines
  }

  private mutating func body(_ body: JobEvent.Body, _ now: Double) -> [String] {
    switch body {
    case .jobStarted, .providerSelected: return []
    case .jobFinished(let end):
      closing.end = end
      return []
    case .phaseStarted(let phase):
      running.begin(phase, at: now)
      return []
    case .phaseFinished(let phase, let result, let seconds):
      running.end(phase)
      return phaseLine(phase, result, seconds)
    case .toolStarted(let tool, _, let arguments, let pid):
      return verbose("$ \(tool) \(arguments.joined(separator: " "))  (process \(pid))")
    case .toolFinished(let tool, let exit, let seconds):
      switch exit {
      case .code(let code):
        return verbose("\(tool) ended with code \(code) after \(DurationText.of(seconds))")
      case .signal(let signal):
        return verbose("\(tool) was killed by signal \(signal) after \(DurationText.of(seconds))")
      }
    case .diagnostic(let diagnostic): return show(diagnostic)
    case .resourcePlanned(let change): return show(change, in: .plan, titled: "Plan")
    case .resourceDrifted(let change):
      drifted += 1
      return show(change, in: .drift, titled: "Changed outside of stackjob since the last run")
    case .resourceStarted(let step), .resourceProgress(let step), .resourceFinished(let step),
      .resourceFailed(let step):
      return show(step, of: body, now)
    case .rolloutProgress(let progress):
      let ready = progress.ready.map { ", \($0) ready" } ?? ""
      let text =
        "\(SafeText.line(progress.subject)): \(progress.updated) of \(progress.desired) updated\(ready)"
      return isQuiet ? [] : ["    " + style.paint(text, .dim)]
    case .planReady(let plan): return show(plan)
    case .applied(let summary):
      closing.applied = summary
      return []
    case .output(let output):
      closing.outputs.removeAll { $0.name == output.name }
      closing.outputs.append(output)
      return []
    case .stateSaved(let state):
      closing.savedSerial = state.serial
      return verbose("state serial \(state.serial) saved: \(SafeText.line(state.path))")
    case .lockAcquired(let id): return verbose("state locked: \(SafeText.line(id))")
    case .lockReleased(let id): return verbose("state unlocked: \(SafeText.line(id))")
    case .approvalRequested(let digest):
      isPaused = true
      return digest.isEmpty ? [] : verbose("approval asked for plan \(SafeText.line(digest))")
    case .approvalDecided(let approved, let person, let how):
      isPaused = false
      let text = "\(approved ? "approved" : "rejected") by \(SafeText.line(person)) (\(SafeText.line(how)))"
      return isQuiet ? [] : [mark(approved) + " " + text]
    case .interrupted(let interruption):
      isPaused = false
      return SafeText.lines(interruption.message).map { style.paint("! \($0)", .warning) }
    case .log(let stream, let line):
      closing.tail(line)
      return verbose("\(stream == "stderr" ? "!" : "|") \(SafeText.lines(line).joined(separator: " "))")
    }
  }

  // MARK: Parts

  /// The text is made only where it is shown: an engine may write a million lines.
  private func verbose(_ text: @autoclosure () -> String) -> [String] {
    isVerbose ? [style.paint("  \(text())", .dim)] : []
  }

  private func mark(_ isGood: Bool) -> String {
    isGood ? style.paint("✓", .success) : style.paint("✗", .error)
  }

  private mutating func phaseLine(_ phase: Phase, _ result: JobResult, _ seconds: Double) -> [String] {
    if phase == .approval { isPaused = false }
    // Making files ready is nothing to read about, and the answer has a line of its own.
    let isSilent = phase == .prepare && seconds < 1 && result == .succeeded || phase == .approval
    if isQuiet || isSilent || result == .skipped { return [] }
    let text = "\(phase.rawValue) \(style.paint(DurationText.of(seconds), .dim))"
    section = .other
    return [mark(result == .succeeded) + " " + text + (result == .succeeded ? "" : " \(result.rawValue)")]
  }

  private mutating func show(_ diagnostic: EngineDiagnostic) -> [String] {
    section = .other
    let lines = DiagnosticText.lines(of: diagnostic, source: source, style: style, width: width)
    closing.keep(diagnostic, lines: lines.count)
    return diagnostic.severity == .info && !isVerbose ? [] : [""] + lines
  }

  private mutating func show(_ change: PlannedChange, in section: Section, titled title: String) -> [String] {
    guard !isQuiet, change.isWorthTelling else { return [] }
    var lines: [String] = []
    if self.section != section {
      self.section = section
      lines = ["", style.paint("\(title):", .strong)]
    }
    return lines + ChangeText(style: style, width: width, isFull: isVerbose).lines(change)
  }

  private mutating func show(_ plan: PlanReady) -> [String] {
    running.expected = plan.summary.add + plan.summary.change + plan.summary.remove
    section = .other
    let text = PlanSentence.text(plan, operation: closing.operation, drifted: drifted)
    if isQuiet { return [style.paint(text, .strong)] }
    let digest = plan.digest.map { [style.paint("  digest \(SafeText.line($0))", .dim)] } ?? []
    return ["", style.paint(text, .strong)] + digest
  }

  private mutating func show(_ step: ResourceStep, of body: JobEvent.Body, _ now: Double) -> [String] {
    let words = StepWords(step.action)
    let isTold = !isQuiet && (words.isChange || isVerbose)
    let address = style.paint(SafeText.line(step.address), .strong)
    let time = style.paint(DurationText.of(step.seconds), .dim)
    switch body {
    case .resourceStarted:
      running.begin(step, at: now)
      // In a log the end alone is told, unless it takes its time.
      return isVerbose && !isLive ? ["    \(address): \(words.doing)"] : []
    case .resourceProgress:
      // Terraform tells every ten seconds; in a log that hides more than it shows.
      let isDue = running.isDue(step, first: 10, every: isVerbose ? 10 : 30)
      return isTold && !isLive && isDue ? ["    \(address): still \(words.doing) after \(time)"] : []
    case .resourceFailed:
      running.end(step)
      let text = "\(address): \(words.doing) failed after \(time)"
      return isQuiet ? [] : ["  \(style.paint("✗", .error)) \(text)"]
    default:
      running.end(step)
      let id = step.id.map { style.paint("  [\(TextWidth.clip(SafeText.line($0), to: 80))]", .dim) } ?? ""
      return isTold
        ? ["  \(style.paint(words.symbol, words.role)) \(address): \(words.done) in \(time)\(id)"] : []
    }
  }
}

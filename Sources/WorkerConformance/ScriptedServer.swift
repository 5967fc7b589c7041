import Digests
package import HTTPListening
import JobSources
import StackModel
import Synchronization

/// A server of jobs that plays scenes with whatever worker comes. It is generous where a real one would refuse: what is
/// wrong is seen in the transcript, and the scene goes on.
package final class ScriptedServer: Sendable {
  private let start = ContinuousClock.now
  private let state = Mutex(ServerState())
  /// How long somebody thinks about a plan, in seconds.
  private static let decisionSeconds = 1.0

  package init() {}

  package static let bodyLimit = 1 << 30

  var now: Double { start.duration(to: .now) / .seconds(1) }
  /// Seconds since the worker did something that the scene goes on by.
  var silence: Double { now - state.withLock { $0.heard } }

  func begin(_ script: Script) {
    // What the last scene has left waiting ends well, so that a worker's pauses begin anew.
    let waiting = state.withLock { state in
      defer {
        state.script = script
        state.calls = []
        state.held = []
        state.heard = now
      }
      return state.held
    }
    for held in waiting { held.answer(.reply(HTTPListener.Reply(status: 204))) }
  }

  var transcript: Transcript {
    state.withLock { Transcript(calls: $0.calls, jobs: $0.script.jobs) }
  }

  /// Whether all of the script was played.
  var isPlayed: Bool {
    state.withLock { state in
      state.script.jobs.allSatisfy { $0.over != nil }
        && state.script.twists.allSatisfy { $0.isUsedUp }
    }
  }

  /// To be called again and again: what waits for its time.
  func tick() {
    let answers = state.withLock { state in
      for index in state.script.jobs.indices {
        guard let since = state.script.jobs[index].waitsSince, now - since > Self.decisionSeconds else {
          continue
        }
        let digest = state.script.jobs[index].report?["digest"] ?? .null
        state.script.jobs[index].waitsSince = nil
        state.script.jobs[index].step = .applyPlan
        state.script.jobs[index].request = nil
        state.script.jobs[index].report = nil
        state.script.jobs[index].decision = [
          "approved": true, "by": "conformance", "digest": digest, "time": .string(WireTime.submitted),
        ]
      }
      let held = state.held
      state.held = []
      return held.compactMap { held -> (@Sendable (HTTPListener.Answer) -> Void, HTTPListener.Answer)? in
        guard now >= held.from else {
          state.held.append(held)
          return nil
        }
        if let reply = claim(held.call, &state) { return (held.answer, finish(held.call, reply, &state)) }
        guard now >= held.until else {
          state.held.append(held)
          return nil
        }
        return (held.answer, finish(held.call, HTTPListener.Reply(status: 204), &state))
      }
    }
    for (answer, what) in answers { answer(what) }
  }

  package func respond(
    _ request: HTTPListener.Request,
    _ answer: @escaping @Sendable (HTTPListener.Answer) -> Void
  ) {
    if let what = state.withLock({ take(request, answer, &$0) }) { answer(what) }
  }

  // MARK: One request

  /// - Returns: nil when it is held.
  private func take(
    _ request: HTTPListener.Request,
    _ answer: @escaping @Sendable (HTTPListener.Answer) -> Void,
    _ state: inout ServerState
  ) -> HTTPListener.Answer? {
    var call = Call(request, arrived: now)
    if call.step != .claim, call.step != .queue { state.heard = now }
    if let job = state.script.jobs.first(where: { $0.id == call.job }) {
      (call.token, call.expectedAttempt) = (job.token, job.attempts)
    }
    state.calls.append(call)
    let index = state.calls.count - 1
    guard let twist = twist(for: call, &state) else {
      return carryOut(index, answer, &state).map { finish(index, $0, &state) }
    }
    switch twist {
    case .status(let code, let after):
      if [404, 409, 423].contains(code) || (code == 422 && call.step == .result) { end(call.job, &state) }
      return finish(index, Self.problem(code, "a check of workers", after: after), &state)
    case .nothing(let after):
      return finish(index, HTTPListener.Reply(status: 204, headers: Self.retry(after)), &state)
    case .say(let control):
      return finish(index, Self.reply(Wire.ClaimReply(claim: nil, control: control)), &state)
    case .hold(let seconds):
      hold(index, from: now + seconds, answer, &state)
      return nil
    case .gap, .forget:
      let log = job(call, &state) { job in
        job.log = if case .gap = twist { Array(job.log[..<(job.log.count / 2)]) } else { [] }
      }
      return finish(
        index,
        Self.problem(call.step == .result ? 412 : 416, "a check of workers", offset: log?.log.count ?? 0),
        &state
      )
    case .rewind:
      guard var reply = carryOut(index, answer, &state) else { return nil }
      let half = (request.body.count + 1) / 2
      if let job = job(call, &state, { job in job.log.removeLast(min(half, job.log.count)) }) {
        reply = leaseReply(job, state)
        state.calls[index].told = job.log.count
      }
      return finish(index, reply, &state)
    case .damage:
      guard var reply = carryOut(index, answer, &state) else { return nil }
      if !reply.body.isEmpty { reply.body[reply.body.count / 2] ^= 1 }
      return finish(index, reply, &state)
    case .cut, .half, .page:
      guard let reply = carryOut(index, answer, &state) else { return nil }
      _ = finish(index, reply, &state)
      state.calls[index].isHeard = false
      state.calls[index].told = nil
      switch twist {
      case .half: return .half(reply)
      case .page:
        let page = Array("<html><body>Please sign in</body></html>".utf8)
        return .reply(HTTPListener.Reply(status: 200, headers: [("content-type", "text/html")], body: page))
      default: return .cut
      }
    }
  }

  private func twist(for call: Call, _ state: inout ServerState) -> Twist.What? {
    for index in state.script.twists.indices
    where state.script.twists[index].step == call.step && !state.script.twists[index].isUsedUp {
      guard state.script.twists[index].skips == 0 else {
        state.script.twists[index].skips -= 1
        return nil
      }
      state.script.twists[index].times -= 1
      state.heard = now
      return state.script.twists[index].what
    }
    return nil
  }

  private func finish(_ index: Int, _ reply: HTTPListener.Reply, _ state: inout ServerState)
    -> HTTPListener.Answer
  {
    state.calls[index].answered = now
    state.calls[index].status = reply.status
    state.calls[index].isHeard = true
    state.calls[index].told = (try? JSONValue(parsing: reply.body))?["offset"]?.int
    return .reply(reply)
  }

  @discardableResult
  func job(_ call: Call, _ state: inout ServerState, _ change: (inout PlayedJob) -> Void) -> PlayedJob? {
    guard let index = state.script.jobs.firstIndex(where: { $0.id == call.job }) else { return nil }
    change(&state.script.jobs[index])
    return state.script.jobs[index]
  }

  func end(_ job: String?, _ state: inout ServerState) {
    guard let index = state.script.jobs.firstIndex(where: { $0.id == job }) else { return }
    if state.script.jobs[index].over == nil { state.script.jobs[index].over = now }
  }

  private func hold(
    _ index: Int,
    from: Double,
    _ answer: @escaping @Sendable (HTTPListener.Answer) -> Void,
    _ state: inout ServerState
  ) {
    let wait = Double(state.calls[index].document(Wire.ClaimRequest.self)?.wait ?? 0)
    let until = now + min(max(wait, 0), 20)
    state.held.append(ServerState.Held(call: index, from: min(from, until), until: until, answer: answer))
  }

  /// - Returns: nil when it is held.
  private func carryOut(
    _ index: Int,
    _ answer: @escaping @Sendable (HTTPListener.Answer) -> Void,
    _ state: inout ServerState
  ) -> HTTPListener.Reply? {
    let call = state.calls[index]
    // With a report there is no other end; without one, a claim that was refused stays over.
    let isKnown = state.script.jobs.contains { job in
      job.id == call.job && job.attempts > 0 && (job.over == nil || job.report != nil)
    }
    switch call.step {
    case .claim:
      if let reply = claim(index, &state) { return reply }
      hold(index, from: now, answer, &state)
      return nil
    case .withdraw: return HTTPListener.Reply(status: 204)
    case .queue: return Self.reply(Wire.QueueState(queued: 1, running: 0, oldest: 0))
    case .other: return Self.problem(404, "there is no \(call.request.method) \(call.request.path)")
    case _ where !isKnown: return Self.problem(409, "there is no claim of this job")
    case .lease, .events: return progress(call, &state)
    case .artefact:
      job(call, &state) { $0.artefacts[call.name ?? ""] = call.request.body }
      let digest = SHA256.digest(of: call.request.body)
      return Self.reply(Wire.Artefact(name: call.name ?? "", size: call.request.body.count, sha256: digest))
    case .fetch:
      guard let bytes = state.script.jobs.first(where: { $0.id == call.job })?.artefacts[call.name ?? ""]
      else {
        return Self.problem(404, "there is no such file")
      }
      return HTTPListener.Reply(
        status: 200,
        headers: [("content-type", "application/octet-stream")],
        body: bytes
      )
    case .result: return report(call, &state)
    }
  }
}

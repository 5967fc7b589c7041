import Digests
import HTTPListening
import JobSources
import StackModel

extension ScriptedServer {
  // MARK: What the requests mean

  func claim(_ index: Int, _ state: inout ServerState) -> HTTPListener.Reply? {
    let request = state.calls[index].json?["request"]?.string ?? ""
    let control = Wire.Control(drain: state.script.drains && state.script.jobs.contains { !$0.log.isEmpty })
    if let job = state.script.jobs.first(where: { $0.request == request && !request.isEmpty }) {
      return Self.reply(Wire.ClaimReply(claim: claimed(job, state), control: control))
    }
    if control.drain { return Self.reply(Wire.ClaimReply(claim: nil, control: control)) }
    guard let next = state.script.jobs.firstIndex(where: { $0.over == nil && $0.waitsSince == nil }),
      state.script.jobs[next].request == nil
    else { return nil }
    state.heard = now
    state.token += 7
    state.script.jobs[next].token = state.token
    state.script.jobs[next].attempts += 1
    state.script.jobs[next].request = request
    state.script.jobs[next].isConfirmed = false
    state.script.jobs[next].log = []
    state.script.jobs[next].history = []
    return Self.reply(Wire.ClaimReply(claim: claimed(state.script.jobs[next], state), control: control))
  }

  func claimed(_ job: PlayedJob, _ state: ServerState) -> Wire.Claim {
    let plan = job.artefacts.filter { job.step == .applyPlan && $0.key.hasPrefix("plan/") }
    return Wire.Claim(
      job: job.record,
      document: job.document,
      token: job.token,
      lease: state.script.lease,
      decision: job.decision,
      artefacts: plan.sorted { $0.key < $1.key }.map {
        Wire.Artefact(name: $0.key, size: $0.value.count, sha256: SHA256.digest(of: $0.value))
      }
    )
  }

  func progress(_ call: Call, _ state: inout ServerState) -> HTTPListener.Reply {
    var gap: Int?
    let job = job(call, &state) { job in
      job.isConfirmed = true
      guard call.step == .events else { return }
      let offset = call.offset ?? 0
      guard offset >= 0, offset <= job.log.count else {
        gap = job.log.count
        return
      }
      job.append(call.request.body, at: offset)
    }
    if let gap { return Self.problem(416, "the log has \(gap) bytes", offset: gap) }
    guard let job else { return Self.problem(404, "there is no such job") }
    return leaseReply(job, state)
  }

  func leaseReply(_ job: PlayedJob, _ state: ServerState) -> HTTPListener.Reply {
    Self.reply(
      Wire.LeaseReply(
        lease: state.script.lease,
        offset: job.log.count,
        control: Wire.Control(cancelBy: job.cancelBy, drain: state.script.drains && !job.log.isEmpty)
      )
    )
  }

  func report(_ call: Call, _ state: inout ServerState) -> HTTPListener.Reply {
    guard let body = call.json, Wire.Report.Ending(json: body) != nil else {
      end(call.job, &state)
      return Self.problem(422, "the report cannot be read")
    }
    var isAnother = false
    let job = job(call, &state) { job in
      if let known = job.report {
        isAnother = known != body
        return
      }
      job.report = body
      job.reports.append((job.attempts, body, job.log))
      if job.asks, job.attempts == 1, body["settlement"] == "awaiting_approval" {
        job.waitsSince = now
      } else if job.over == nil {
        job.over = now
      }
    }
    guard let job, !isAnother else { return Self.problem(409, "there is another report for this claim") }
    return Self.reply(job.record)
  }

  // MARK: Answers

  static func reply(_ document: some WireDocument) -> HTTPListener.Reply {
    HTTPListener.Reply(
      status: 200,
      headers: [("content-type", "application/json")],
      body: document.json.bytes()
    )
  }

  static func problem(
    _ status: Int,
    _ words: String,
    offset: Int? = nil,
    after: Double? = nil
  ) -> HTTPListener.Reply {
    var reply = reply(Wire.Problem(error: words, offset: offset))
    reply.status = status
    reply.headers += retry(after)
    return reply
  }

  static func retry(_ seconds: Double?) -> [(name: String, value: String)] {
    seconds.map { [("retry-after", String($0))] } ?? []
  }
}

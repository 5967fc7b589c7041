import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

@testable import JobSources

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct QueueDirectoryTests {
  /// A queue whose manifests are the names of their stacks, and whose clock goes forward with each look.
  private func withQueue(_ time: Clock = Clock(), _ body: (QueueDirectory) throws -> Void) throws {
    let root = "/tmp/stackjob-queue-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(root) }
    let queue = QueueDirectory(root: root, clock: { time.next() }) { _, path in
      let name = (LocalFiles.text(path) ?? "").filter { !$0.isWhitespace }
      guard let stack = StackID(org: "o", env: "e", kind: "K", name: name) else {
        return .failure(DiagnosticFailure(.error("test.bad", "bad manifest")))
      }
      return .success(stack)
    }
    try queue.open()
    try body(queue)
  }

  private final class Clock: Sendable {
    let milliseconds = Mutex<Int64>(1_700_000_000_000)
    func pass(_ more: Int64) { milliseconds.withLock { $0 += more } }
    func next() -> Timestamp {
      milliseconds.withLock {
        $0 += 1
        return Timestamp(milliseconds: $0)
      }
    }
  }

  @discardableResult
  private func submit(
    _ queue: QueueDirectory,
    _ id: String,
    stack: String,
    priority: Int = 0,
    approval: Bool = false
  ) throws -> QueueDirectory.Accepted {
    var job = StackJob(operation: .update)
    job.id = id
    job.manifest = stack
    job.priority = priority
    job.isManual = approval
    return try queue.accept(job.json.bytes(), name: id)
  }

  private func finish(_ queue: QueueDirectory, _ claim: Claim) throws -> Bool {
    try queue.settle(claim, .completed(.succeeded, exitCode: 0, reason: nil, diagnostics: []))
  }

  @Test func `two workers see each other's changes, and what was taken away by hand`() throws {
    try withQueue { one in
      let two = QueueDirectory(root: one.layout.root, clock: one.clock, describe: one.describe)
      for name in ["a", "b", "c", "d"] { try submit(one, name, stack: name) }
      #expect(try two.claim()?.job.id == "a")
      #expect(try one.claim()?.job.id == "b")
      try submit(one, "urgent", stack: "u", priority: 5)
      #expect(try two.claim()?.job.id == "urgent")
      _ = try one.request(.cancel, of: "c", by: "ada")
      #expect(try two.job("c")?.status == .completed)
      try submit(two, "e", stack: "e")
      // Nothing tells of this.
      try LocalFiles.remove(one.layout.ticket("d", .queued))
      let claims = [try two.claim(), try two.claim()].compactMap { $0?.job.id }
      #expect(claims == ["e"])
      #expect(try one.claim() == nil)
    }
  }

  @Test func `a job goes from submission to its result`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      #expect(try queue.jobs().map(\.status) == [.queued])
      let claim = try #require(try queue.claim())
      #expect(try queue.job("a")?.status == .running)
      #expect(try finish(queue, claim))
      let job = try #require(try queue.job("a"))
      #expect(job.status == .completed && job.result == .succeeded && job.attempts == 1)
      #expect(job.stack == "o/e/K/web")
      #expect(try queue.isDrained())
    }
  }

  @Test func `the same id is taken once`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      guard case .duplicate = try submit(queue, "a", stack: "other") else {
        Issue.record("taken twice")
        return
      }
      #expect(try queue.jobs().map(\.stack) == ["o/e/K/web"])
    }
  }

  @Test func `jobs of one stack run one at a time in their order, whatever their priority`() throws {
    try withQueue { queue in
      try submit(queue, "first", stack: "web")
      try submit(queue, "second", stack: "web", priority: 9)
      try submit(queue, "other", stack: "api", priority: 5)
      let other = try #require(try queue.claim())
      #expect(other.job.id == "other")
      let first = try #require(try queue.claim())
      #expect(first.job.id == "first")
      #expect(try queue.claim() == nil)
      #expect(try finish(queue, first))
      #expect(try queue.claim()?.job.id == "second")
    }
  }

  @Test func `a bad manifest and a bad document end as failed and are kept`() throws {
    try withQueue { queue in
      try submit(queue, "bad", stack: "a/b")
      _ = try queue.accept(Array("operation: update\nwrong: 1\n".utf8), name: "worse.yaml")
      let jobs = try queue.jobs()
      #expect(jobs.map(\.id) == ["bad", "worse"])
      #expect(jobs.allSatisfy { $0.result == .failed && !$0.diagnostics.isEmpty })
      #expect(try queue.claim() == nil)
    }
  }

  @Test func `a report with an older token is refused`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      var claim = try #require(try queue.claim())
      claim.token -= 1
      #expect(try !finish(queue, claim))
      #expect(try queue.renew(claim) == .lost)
      #expect(try queue.job("a")?.status == .running)
    }
  }

  @Test func `a job whose worker lives is not adopted, one whose lease is over is`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      let claim = try #require(try queue.claim())
      #expect(try queue.adopt() == nil)
      try LocalFiles.remove("\(claim.folder)/lease.json")
      let adopted = try #require(try queue.adopt())
      #expect(adopted.isAdopted && adopted.job.attempts == 1)
    }
  }

  @Test func `a job that keeps losing its supervisor becomes a dead letter`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      for _ in 0..<QueueDirectory.attemptLimit {
        let claim = try #require(try queue.claim())
        #expect(try queue.settle(claim, .retry(reason: "gone")))
      }
      let job = try #require(try queue.job("a"))
      #expect(job.status == .completed && job.result == .failed && job.isDeadLetter)
    }
  }

  @Test func `a change cut short in the last attempt is still looked at`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      for _ in 1..<QueueDirectory.attemptLimit {
        _ = try queue.settle(try #require(try queue.claim()), .retry(reason: "gone"))
      }
      _ = try queue.settle(try #require(try queue.claim()), .inspect(reason: "cut short"))
      let look = try #require(try queue.claim())
      #expect(look.job.step == .inspect && look.job.reason == "cut short")
      _ = try queue.settle(look, .retry(reason: "gone again"))
      let job = try #require(try queue.job("a"))
      #expect(job.result == .interrupted && job.isDeadLetter)
    }
  }

  @Test func `an approval names the plan, and lets that plan be applied`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web", approval: true)
      let claim = try #require(try queue.claim())
      #expect(claim.job.step == .plan)
      let digest = String(repeating: "a", count: 64)
      #expect(try queue.settle(claim, .awaitingApproval(digest: digest)))
      #expect(try queue.claim() == nil)
      #expect(try queue.request(.approve(digest: "bbbbbbbbbbbb"), of: "a", by: "ada") != nil)
      #expect(try queue.request(.approve(digest: "aaaaaaaaaaaa"), of: "a", by: "ada") == nil)
      let apply = try #require(try queue.claim())
      #expect(apply.job.step == .applyPlan && apply.job.decidedBy == "ada" && apply.job.attempts == 2)
    }
  }

  @Test func `a rejection ends the job`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web", approval: true)
      let claim = try #require(try queue.claim())
      _ = try queue.settle(claim, .awaitingApproval(digest: "d"))
      #expect(try queue.request(.reject(reason: "no"), of: "a", by: "ada") == nil)
      #expect(try queue.job("a")?.result == .rejected)
      #expect(try queue.request(.cancel, of: "a", by: "ada") != nil)
    }
  }

  @Test func `a cancelled job that waits ends, and a running one hears of it`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      let claim = try #require(try queue.claim())
      #expect(try queue.request(.cancel, of: "a", by: "ada") == nil)
      #expect(try queue.renew(claim) == .cancel(by: "ada"))
      try submit(queue, "b", stack: "api")
      #expect(try queue.request(.cancel, of: "b", by: "ada") == nil)
      #expect(try queue.job("b")?.result == .cancelled)
    }
  }

  @Test func `what is dropped into the folders is taken in and done`() throws {
    try withQueue { queue in
      let document: JSONValue = ["operation": "update", "manifest": "web"]
      try LocalFiles.replace("\(queue.layout.root)/incoming/dropped.json", with: document.bytes())
      #expect(try queue.takeIncoming().count == 1)
      #expect(try queue.job("dropped")?.status == .queued)
      try LocalFiles.replace("\(queue.layout.root)/control/dropped.cancel", with: [])
      _ = try queue.takeRequests()
      #expect(try queue.job("dropped")?.result == .cancelled)
      #expect(try LocalFiles.list("\(queue.layout.root)/control").isEmpty)
    }
  }

  @Test func `half a document that is being copied is left alone`() throws {
    try withQueue { queue in
      try LocalFiles.replace("\(queue.layout.root)/incoming/half.yaml", with: Array("operation: upd".utf8))
      #expect(try queue.takeIncoming().isEmpty)
      #expect(try !queue.isDrained())
    }
  }

  @Test func `a job that finds its stack locked waits, however often, and holds up no other stack`() throws {
    let time = Clock()
    try withQueue(time) { queue in
      try submit(queue, "a", stack: "web", priority: 9)
      try submit(queue, "b", stack: "api")
      for _ in 0...QueueDirectory.attemptLimit {
        let claim = try #require(try queue.claim())
        #expect(claim.job.id == "a")
        #expect(try queue.settle(claim, .wait(reason: "waits: locked")))
        #expect(try !queue.isDrained())
        time.pass(QueueDirectory.longestWait)
      }
      _ = try queue.settle(try #require(try queue.claim()), .wait(reason: "waits: locked"))
      let waiting = try #require(try queue.job("a"))
      #expect(waiting.status == .queued && waiting.reason == "waits: locked" && waiting.interrupted.isEmpty)
      let other = try #require(try queue.claim())
      #expect(other.job.id == "b")
      #expect(try queue.claim() == nil)
      // Set back by an hour: the pause is not an hour longer.
      time.pass(-3_600_000)
      #expect(try queue.claim()?.job.id == "a")
    }
  }

  @Test func `a job that waits for its stack can be cancelled`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      let claim = try #require(try queue.claim())
      #expect(try queue.request(.cancel, of: "a", by: "ada") == nil)
      _ = try queue.settle(claim, .wait(reason: "waits: locked"))
      #expect(try queue.job("a")?.result == .cancelled)
    }
  }

  @Test func `a rerun gets all its attempts anew`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      for _ in 0..<2 {
        for _ in 0..<QueueDirectory.attemptLimit {
          _ = try queue.settle(try #require(try queue.claim()), .retry(reason: "gone"))
        }
        #expect(try queue.job("a")?.isDeadLetter == true)
        #expect(try queue.request(.rerun, of: "a", by: "ada") == nil)
      }
    }
  }

  @Test func `a folder or a dangling link in incoming keeps no worker waiting`() throws {
    try withQueue { queue in
      let incoming = "\(queue.layout.root)/incoming"
      try LocalFiles.makeFolder("\(incoming)/folder")
      #expect(symlink("/nonexistent", "\(incoming)/link.yaml") == 0)
      #expect(try queue.takeIncoming().isEmpty)
      #expect(try queue.isDrained())
    }
  }

  @Test func `many files are taken in by turns`() throws {
    try withQueue { queue in
      for number in 0...QueueDirectory.batch {
        let document: JSONValue = ["operation": "update", "manifest": .string("s\(number)")]
        try LocalFiles.replace("\(queue.layout.root)/incoming/j\(number).json", with: document.bytes())
      }
      #expect(try queue.takeIncoming().count == QueueDirectory.batch)
      #expect(try queue.takeIncoming().count == 1)
    }
  }

  @Test func `a job with a damaged record is listed, ends as failed and keeps no worker waiting`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      let folder = queue.layout.job("a")
      try LocalFiles.replace(folder.record, with: Array("{\"id\":".utf8))
      #expect(try queue.jobs().map(\.id) == ["a"])
      #expect(try queue.request(.cancel, of: "a", by: "ada")?.contains(folder.record) == true)
      #expect(try queue.claim() == nil)
      let job = try #require(try queue.job("a"))
      #expect(job.result == .failed && job.reason?.contains(folder.record) == true)
      #expect(LocalFiles.exists(folder.record + ".damaged"))
      #expect(try queue.isDrained())
    }
  }

  @Test func `a digest that is too short is told from a wrong one`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web", approval: true)
      _ = try queue.settle(
        try #require(try queue.claim()),
        .awaitingApproval(digest: String(repeating: "a", count: 64))
      )
      let refusal = try queue.request(.approve(digest: "aaa"), of: "a", by: "ada")
      #expect(refusal?.contains("12 characters") == true)
    }
  }

  @Test func `no claim has the token of an earlier one, however that came about`() throws {
    try withQueue { queue in
      try submit(queue, "a", stack: "web")
      let first = try #require(try queue.claim())
      try LocalFiles.remove("\(first.folder)/lease.json")
      let last = try #require(try queue.adopt())
      #expect(try queue.settle(last, .retry(reason: "gone")))
      let next = try #require(try queue.claim())
      #expect(next.token > last.token)
      #expect(try queue.renew(last) == .lost && !finish(queue, last))
    }
  }
}

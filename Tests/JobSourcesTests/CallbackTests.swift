import LocalFiles
import StackModel
import Testing

@testable import JobSources

@Suite struct CallbackTests {
  @Test(arguments: [
    ("https://ci.example.com/hooks", "https://ci.example.com:443/hooks"),
    ("HTTP://CI.Example.com", "http://ci.example.com:80/"),
    ("http://127.0.0.1:8080/a?b=c", "http://127.0.0.1:8080/a?b=c"),
    ("http://[::1]:81/", "http://[::1]:81/"), ("https://h?x", "https://h:443/?x"),
  ])
  func `an address is taken apart`(text: String, normal: String) {
    #expect(CallbackURL(text)?.text == normal)
  }

  @Test(arguments: [
    "", "ftp://h/", "https://", "https:///x", "https://u:p@h/", "https://h@evil/", "https://h/a/../b",
    "https://h/%2e%2e/b", "https://h/a%2Fb", "https://h/a#b", "https://h/a b", "https://h\\@evil/",
    "https://h:0/", "https://h:99999/", "https://h:8x/", "https://h/\n", "https://[::1/", "https://h\u{e9}/",
    "https://h/./a", "//h/a", "h/a", "https://a,b/",
  ])
  func `what two readers might understand differently is refused`(text: String) {
    #expect(CallbackURL(text) == nil)
  }

  @Test(arguments: [
    ("https://h", "https://h/x", true), ("https://h/a", "https://h/a", true),
    ("https://h/a", "https://h/a/b", true),
    ("https://h/a/", "https://h/a/b?c", true), ("https://h:443/", "https://H/x", true),
    ("https://h", "https://h.evil/x", false), ("https://h", "http://h/x", false),
    ("https://h", "https://h:444/x", false), ("https://h/a", "https://h/ab", false),
    ("https://h/a/", "https://h/a", false), ("https://h/a", "https://h/", false),
  ])
  func `a rule covers an address and those below it`(rule: String, address: String, fits: Bool) throws {
    let (rule, address) = (try #require(CallbackURL(rule)), try #require(CallbackURL(address)))
    #expect(rule.covers(address) == fits)
  }

  private func withQueue(_ body: (QueueDirectory) throws -> Void) throws {
    let root = "/tmp/stackjob-callbacks-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(root) }
    let queue = QueueDirectory(root: root, clock: { Timestamp(milliseconds: 1_700_000_000_000) }) { _, path in
      let name = (LocalFiles.text(path) ?? "").filter { !$0.isWhitespace }
      guard let stack = StackID(org: "o", env: "e", kind: "K", name: name) else {
        return .failure(DiagnosticFailure(.error("test.bad", "bad manifest")))
      }
      return .success(stack)
    }
    try queue.open()
    try body(queue)
  }

  private func submit(_ queue: QueueDirectory, _ id: String, callback: String?, manifest: String = "web")
    throws
  {
    var job = StackJob(operation: .update)
    job.id = id
    job.manifest = manifest
    job.callback = callback
    _ = try queue.accept(job.json.bytes(), name: id)
  }

  @Test func `each change that matters is owed, in its order, and once`() throws {
    try withQueue { queue in
      try submit(queue, "quiet", callback: nil)
      try submit(queue, "web", callback: "https://h/x")
      let quiet = try #require(try queue.claim())
      _ = try queue.settle(quiet, .completed(.succeeded, exitCode: 0, reason: nil, diagnostics: []))
      #expect(try queue.owedCallbacks().isEmpty)
      let first = try #require(try queue.claim())
      #expect(try queue.owedCallbacks().isEmpty)
      #expect(try queue.settle(first, .awaitingApproval(digest: String(repeating: "a", count: 64))))
      _ = try queue.request(.approve(digest: String(repeating: "a", count: 12)), of: "web", by: "ada")
      let second = try #require(try queue.claim())
      #expect(try queue.settle(second, .completed(.succeeded, exitCode: 0, reason: nil, diagnostics: [])))
      let owed = try queue.owedCallbacks()
      #expect(owed.map(\.delivery) == ["web.1", "web.2"])
      #expect(owed.map { $0.record["status"]?.string } == ["awaiting_approval", "completed"])
      #expect(
        owed[0].record["digest"]?.string?.utf8.count == 64 && owed[1].record["result"]?.string == "succeeded"
      )
      for callback in owed {
        #expect(try queue.due(callback)?.delivery == callback.delivery)
        try queue.forget(callback)
      }
      #expect(try queue.owedCallbacks().isEmpty)
      _ = try queue.request(.rerun, of: "web", by: "ada")
      _ = try queue.request(.cancel, of: "web", by: "ada")
      #expect(try queue.owedCallbacks().map(\.delivery) == ["web.3"])
      try submit(queue, "bad", callback: "https://h/x", manifest: "not a name/")
      #expect(try queue.owedCallbacks().map(\.delivery) == ["bad.1", "web.3"])
    }
  }

  @Test func `a change that its writer died before is not told`() throws {
    try withQueue { queue in
      try submit(queue, "web", callback: "https://h/x")
      var job = try #require(try queue.job("web"))
      job.status = .completed
      try queue.owe(&job)
      let owed = try #require(try queue.owedCallbacks().first)
      #expect(try queue.due(owed) == nil)
      _ = try queue.request(.cancel, of: "web", by: "ada")
      #expect(try queue.due(owed)?.record["result"]?.string == "cancelled")
    }
  }

  @Test func `a callback is read and written with its job`() throws {
    let text = "operation: update\nmanifest: {a: 1}\ncallback: {url: 'https://h/x'}\n"
    let job = try StackJob.read(Array(text.utf8), file: "job.yaml").get()
    #expect(job.callback == "https://h/x")
    #expect(try StackJob.read(job.json.bytes(), file: "again").get().callback == "https://h/x")
    for wrong in [
      "{url: 'ftp://h'}", "{url: 'https://u@h/'}", "{}", "https://h/x", "{url: 'https://h', a: 1}",
    ] {
      let text = "operation: update\nmanifest: {a: 1}\ncallback: \(wrong)\n"
      guard case .failure(let failure) = StackJob.read(Array(text.utf8), file: "job.yaml") else {
        Issue.record("\(wrong) was read")
        continue
      }
      #expect(failure.diagnostics.first?.location?.line == 3)
    }
  }
}

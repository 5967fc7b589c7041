import JobRunner
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.needsTools, .timeLimit(.minutes(20))) struct InterruptTests {
  @Test func `one Ctrl-C in mid-apply saves the state, releases the lock and ends with 130`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        // The service is made at once and takes long to become steady.
        try aws.rollout(["seconds": 120, "outcome": "completed"])
        let stop = StopSwitch()
        let result = try await stackjob(
          "apply",
          manifest,
          "--auto-approve",
          "--output",
          "ndjson",
          stop: stop,
          when: { line in
            if line.contains(#""type":"resource.progress""#), line.contains("aws_ecs_service.") {
              stop.requestStop()
            }
          }
        )
        expect(result, .cancelled)
        let events = try result.events()
        #expect(events.contains { $0["type"] == "job.interrupted" && $0["step"] == "stopping" })
        let last = try #require(events.last)
        #expect(last["type"] == "job.finished")
        #expect(last["result"] == "cancelled")
        #expect(last["exit_code"] == 130)
        #expect(last["lock_released"] == true)
        #expect((last["state_serial"]?.int ?? 0) > 0)
        let stack = try #require(StackID("acme/test/AwsEcsService/small"))
        let folder = StackFolder(home: stackjob.stateHome, stack: stack)
        #expect(StackLock.holder(of: folder) == nil)
        // What was made is known: a destroy takes all of it away.
        try aws.rollout(["seconds": 0, "outcome": "completed"])
        expect(try await stackjob("destroy", manifest, "--auto-approve"), .done)
        #expect(try aws.left() == [:])
      }
    }
  }

  @Test func `a second job on the stack is turned away and told who has it`() async throws {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let stop = StopSwitch()
        let (planning, announce) = AsyncStream<Void>.makeStream()
        async let first = stackjob(
          "plan",
          manifest,
          "--output",
          "ndjson",
          stop: stop,
          when: { line in
            if line.contains(#""phase":"preview""#), line.contains("phase.started") { announce.yield() }
          }
        )
        var announced = planning.makeAsyncIterator()
        await announced.next()
        let turnedAway = try await stackjob("plan", manifest, "--output", "json")
        stop.requestStop()
        expect(try await first, .cancelled)
        expect(turnedAway, .locked)
        #expect(turnedAway.stdout.contains("is locked"))
      }
    }
  }

  /// Providers that Terraform has started itself outlive us; those behind the host die with us.
  @Test(arguments: ["plain", "accelerated"])
  func `after kill -9 the engine ends by itself, and the next job goes on from there`(providers: String)
    async throws
  {
    try await LocalAWS.run { aws in
      try await Product.run(environment: aws.environment) { stackjob in
        let manifest = try stackjob.file("service.yaml", try Manifests.small(aws))
        let stop = StopSwitch()
        let engine = Mutex(0)
        let killed = try await stackjob(
          "apply",
          manifest,
          "--auto-approve",
          "--providers",
          providers,
          "--output",
          "ndjson",
          stop: stop,
          when: { line in
            if let pid = (try? JSONValue(parsing: line))?["pid"]?.int { engine.withLock { $0 = pid } }
            if line.contains("resource.started"), line.contains("aws_ecs_service.") { stop.force() }
          }
        )
        #expect(killed.exit == .signal(Int(SIGKILL)))
        try await Product.end(ofEngine: engine.withLock { $0 })
        let destroy = try await stackjob("destroy", manifest, "--auto-approve", "--output", "json")
        expect(destroy, .done)
        #expect(destroy.stdout.contains("died while it held the stack"))
        // Nothing was in flight but the service, which the host's provider may not have told of any more.
        let left = try aws.left()
        #expect(left == [:] || providers == "accelerated", "\(left)")
      }
    }
  }
}

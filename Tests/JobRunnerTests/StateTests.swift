import JobRunner
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

@Suite struct StateStoreTests {
  private func document(serial: Int) -> [UInt8] {
    Array(
      #"{"version":4,"serial":\#(serial),"lineage":"l","outputs":{"u":{"value":"x","type":"string"}}}"#.utf8
    )
  }

  @Test func `every snapshot is a version of its own and the newest wins`() async throws {
    try await withScratch { home in
      let store = StateStore(StackFolder(home: home, stack: try someStack()))
      #expect(try store.newest() == nil)
      for serial in 1...3 { _ = try store.add(document(serial: serial)) }
      #expect(try store.versions().map(\.number) == [1, 2, 3])
      let newest = try #require(try store.newest())
      #expect(newest.serial == 3)
      #expect(newest.outputs == [StackOutput(name: "u", value: "x", isSensitive: false)])
    }
  }

  @Test func `only so many versions are kept, the newest of them`() async throws {
    try await withScratch { home in
      let store = StateStore(StackFolder(home: home, stack: try someStack()))
      for serial in 1...(StateStore.retained + 5) { _ = try store.add(document(serial: serial)) }
      #expect(try store.versions().count == StateStore.retained)
      #expect(try store.versions().last?.number == StateStore.retained + 5)
    }
  }

  @Test func `a folder of versions that cannot be read is not taken for an empty one`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      try LocalFiles.makeFolder(folder.path)
      try LocalFiles.create(folder.states, with: [])
      let store = StateStore(folder)
      #expect(throws: FileError.self) { try store.newest() }
      #expect(throws: FileError.self) { try store.add(document(serial: 1)) }
    }
  }

  @Test func `nothing is written once the job is over`() async throws {
    try await withScratch { home in
      let events = EventLog()
      let service = try service(home, events)
      service.close()
      let state = String(decoding: document(serial: 1), as: UTF8.self)
      for late in [request("POST", "/state", body: state), request("GET", "/state")] {
        #expect(service.respond(to: late).status == 503)
      }
      #expect(try StateStore(StackFolder(home: home, stack: try someStack())).newest() == nil)
      #expect(events.types.isEmpty)
    }
  }

  @Test(arguments: ["", #"{"version":4,"serial":1"#, "[]"])
  func `a damaged newest state is a fault and never an empty stack`(content: String) async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      let store = StateStore(folder)
      let whole = try store.add(document(serial: 1))
      #expect(try store.fault() == nil)
      let damaged = "\(folder.states)/00000002.tfstate"
      try LocalFiles.create(damaged, with: Array(content.utf8))
      let fault = try #require(try store.fault())
      #expect(fault.detail.contains(damaged) && fault.detail.contains(whole.version.path))
      let answer = try service(home, EventLog()).respond(to: request("GET", "/state"))
      #expect(answer.status == 500)
    }
  }

  @Test func `a file whose number has no next one is no version`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      try LocalFiles.makeFolder(folder.states)
      for name in ["9223372036854775807", "-1", "0", "x"] {
        try LocalFiles.create("\(folder.states)/\(name).tfstate", with: [])
      }
      #expect(try StateStore(folder).newest() == nil)
      #expect(try StateStore(folder).add(document(serial: 1)).version.number == 1)
    }
  }

  private func service(_ home: String, _ events: EventLog) throws -> StateService {
    StateService(
      store: StateStore(StackFolder(home: home, stack: try someStack())),
      authorization: "Basic t",
      report: { events.add($0) }
    )
  }

  private func request(_ method: String, _ path: String, id: String? = nil, body: String = "")
    -> StateService.Request
  {
    StateService.Request(
      method: method,
      path: path,
      lockID: id,
      authorization: "Basic t",
      body: Array(body.utf8)
    )
  }

  @Test func `the http backend's calls: lock, read, write, unlock`() async throws {
    try await withScratch { home in
      let events = EventLog()
      let service = try service(home, events)
      #expect(service.respond(to: request("GET", "/state")).status == 404)
      #expect(service.respond(to: request("LOCK", "/lock", body: #"{"ID":"a"}"#)).status == 200)
      #expect(service.respond(to: request("LOCK", "/lock", body: #"{"ID":"b"}"#)).status == 423)
      let state = String(decoding: document(serial: 7), as: UTF8.self)
      #expect(service.respond(to: request("POST", "/state", id: "b", body: state)).status == 423)
      #expect(service.respond(to: request("POST", "/state", id: "a", body: state)).status == 200)
      let read = service.respond(to: request("GET", "/state"))
      #expect(read.status == 200)
      #expect(read.body == document(serial: 7))
      #expect(service.respond(to: request("UNLOCK", "/lock", body: #"{"ID":"b"}"#)).status == 423)
      #expect(service.respond(to: request("UNLOCK", "/lock", body: #"{"ID":"a"}"#)).status == 200)
      #expect(!service.isLocked)
      #expect(events.types == ["lock.acquired", "state.saved", "lock.released"])
    }
  }

  @Test func `a caller without the token gets nothing`() async throws {
    try await withScratch { home in
      let service = try service(home, EventLog())
      var stranger = request("GET", "/state")
      for wrong in [nil, "", "Basic x"] {
        stranger.authorization = wrong
        #expect(service.respond(to: stranger).status == 401)
      }
    }
  }

  @Test(arguments: ["", "{", #"{"version":4"#, "[]", "<html>"])
  func `half a document never becomes the newest state`(body: String) async throws {
    try await withScratch { home in
      let service = try service(home, EventLog())
      #expect(service.respond(to: request("POST", "/state", body: body)).status == 400)
      #expect(service.respond(to: request("GET", "/state")).status == 404)
    }
  }

  @Test func `a state that cannot be written is refused, so that the engine keeps it`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      try LocalFiles.makeFolder(folder.path)
      // A file where the folder of versions should be fails for every user, root too.
      try LocalFiles.create(folder.states, with: [])
      let service = try service(home, EventLog())
      let state = String(decoding: document(serial: 1), as: UTF8.self)
      #expect(service.respond(to: request("POST", "/state", body: state)).status == 500)
    }
  }
}

/// The events a test collected.
final class EventLog: Sendable {
  private let events = Mutex<[JobEvent.Body]>([])

  func add(_ body: JobEvent.Body) { events.withLock { $0.append(body) } }

  var types: [String] { events.withLock { $0.map(\.type) } }
}

@Suite struct StackLockTests {
  private func holder(_ job: String, process: ProcessIdentity = .current()) -> StackLock.Holder {
    StackLock.Holder(job: job, operation: "update", user: "u", since: "now", process: process)
  }

  private let dead = ProcessIdentity(
    pid: 1,
    startTicks: -1,
    bootID: "another boot",
    place: ProcessIdentity.current().place
  )

  @Test func `a second job is told who holds the stack`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      let lock = try StackLock.acquire(folder, for: holder("first"))
      do throws(StackLock.Failure) {
        _ = try StackLock.acquire(folder, for: holder("second"))
        Issue.record("the lock was given twice")
      } catch {
        guard case .held(let by) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(by.job == "first")
      }
      try lock.release()
      _ = try StackLock.acquire(folder, for: holder("third"))
    }
  }

  @Test func `a job does not give back what is another's now`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      let lock = try StackLock.acquire(folder, for: holder("first"))
      try LocalFiles.remove(folder.lock)
      _ = try StackLock.acquire(folder, for: holder("second"))
      try lock.release()
      #expect(StackLock.holder(of: folder)?.job == "second")
    }
  }

  @Test func `a provably dead holder loses the lock`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      _ = try StackLock.acquire(folder, for: holder("dead", process: dead))
      let lock = try StackLock.acquire(folder, for: holder("next"))
      #expect(lock.abandoned?.job == "dead")
      #expect(StackLock.holder(of: folder)?.job == "next")
    }
  }

  @Test func `a dead holder whose engine lives keeps the lock`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      var orphaned = holder("dead", process: dead)
      orphaned.engine = .current()
      _ = try StackLock.acquire(folder, for: orphaned)
      #expect(throws: StackLock.Failure.self) { try StackLock.acquire(folder, for: holder("next")) }
    }
  }

  @Test func `a holder on another machine or in another container keeps the lock`() async throws {
    var far = dead
    far.place = "another machine"
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      _ = try StackLock.acquire(folder, for: holder("far", process: far))
      let next = holder("next")
      let failure = #expect(throws: StackLock.Failure.self) { try StackLock.acquire(folder, for: next) }
      guard case .held(let by) = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(by.job == "far")
    }
  }

  @Test func `a lock file that cannot be understood is never taken over`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      try LocalFiles.makeFolder(folder.path)
      try LocalFiles.create(folder.lock, with: Array("junk".utf8))
      #expect(throws: StackLock.Failure.self) { try StackLock.acquire(folder, for: holder("next")) }
      #expect(LocalFiles.text(folder.lock) == "junk")
    }
  }

  @Test func `of many that see a dead holder exactly one takes over`() async throws {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      _ = try StackLock.acquire(folder, for: holder("dead", process: dead))
      let winners = await withTaskGroup(of: String?.self) { group in
        for index in 0..<20 {
          let next = holder("job\(index)")
          group.addTask { (try? StackLock.acquire(folder, for: next))?.holder.job }
        }
        return await group.reduce(into: [String]()) { if let job = $1 { $0.append(job) } }
      }
      #expect(winners.count == 1)
      #expect(StackLock.holder(of: folder)?.job == winners.first)
    }
  }
}

@Suite struct StackEngineTests {
  private func state(_ resources: String) -> [UInt8] {
    Array(#"{"version":4,"serial":1,"lineage":"l","outputs":{},"resources":\#(resources)}"#.utf8)
  }

  @Test func `a stack from before its engine was written down is known by what its state holds`() async throws
  {
    try await withScratch { home in
      let folder = StackFolder(home: home, stack: try someStack())
      let engine = StackEngine(folder: folder)
      #expect(try engine.other(than: .pulumi) == nil)
      let store = StateStore(folder)
      _ = try store.add(state(#"[{"type":"t","name":"n"}]"#))
      #expect(try engine.other(than: .pulumi) == "terraform")
      #expect(try engine.other(than: .terraform) == nil && engine.other(than: .tofu) == nil)
      _ = try store.add(state("[]"))
      #expect(try engine.other(than: .pulumi) == nil)
      _ = try store.add(Array("cut sho".utf8))
      #expect(try engine.other(than: .pulumi) == "terraform")
    }
  }
}

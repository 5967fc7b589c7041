import LocalFiles
package import StackModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Answers the calls of Terraform's `http` backend for one job.
///
/// The transport is ``StateServer``; here is what the calls mean. A snapshot is on disk before the
/// reply goes out, so that what Terraform believes saved is saved.
package final class StateService: Sendable {
  package struct Request: Sendable {
    package var method: String
    /// Path without the query.
    package var path: String
    /// The lock that the caller says it holds: the `ID` in the query of an update.
    package var lockID: String?
    package var authorization: String?
    package var body: [UInt8]

    package init(
      method: String,
      path: String,
      lockID: String? = nil,
      authorization: String? = nil,
      body: [UInt8] = []
    ) {
      self.method = method
      self.path = path
      self.lockID = lockID
      self.authorization = authorization
      self.body = body
    }
  }

  package struct Response: Sendable, Equatable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8] = []) {
      self.status = status
      self.body = body
    }

    init(status: Int, text: String) { self.init(status: status, body: Array(text.utf8)) }
  }

  private struct State {
    /// The engine's lock, as the engine described it.
    var lock: (id: String, info: [UInt8])?
    /// The job is over: its lock on the stack is about to go, and nothing may be written after that.
    var isClosed = false
  }

  private let store: StateStore
  private let authorization: String
  private let report: @Sendable (JobEvent.Body) -> Void
  private let state = Mutex(State())
  private let isClosing = Atomic(false)
  /// How long a snapshot waits for room on a full disk, in seconds; and once nobody waits for the reply any more.
  private static let patience = 120.0
  private static let lastPatience = 5.0

  /// - Parameters:
  ///   - authorization: the header's value that a call must carry.
  ///   - report: told of each snapshot and of the lock's coming and going.
  package init(
    store: StateStore,
    authorization: String,
    report: @escaping @Sendable (JobEvent.Body) -> Void
  ) {
    self.store = store
    self.authorization = authorization
    self.report = report
  }

  /// Refuses all calls from now on. A snapshot that is being written is on disk when this returns.
  package func close() {
    isClosing.store(true, ordering: .relaxed)
    state.withLock { $0.isClosed = true }
  }

  /// True while the engine says that it holds the state.
  package var isLocked: Bool { state.withLock { $0.lock != nil } }

  package func respond(to request: Request) -> Response {
    guard request.authorization == authorization else { return Response(status: 401) }
    guard !state.withLock({ $0.isClosed }) else { return Self.closed }
    switch (request.method, request.path) {
    case ("GET", "/state"): return get()
    case ("POST", "/state"): return update(request)
    case ("LOCK", "/lock"): return lock(request.body)
    case ("UNLOCK", "/lock"): return unlock(request.body)
    default: return Response(status: 404)
    }
  }

  private static let closed = Response(status: 503, text: "the job is over")

  private func get() -> Response {
    do throws(FileError) {
      guard let newest = try store.newest() else { return Response(status: 404) }
      guard newest.isWhole else { return Response(status: 500, text: "the newest state is damaged") }
      return Response(status: 200, body: newest.bytes)
    } catch {
      return Response(status: 500, text: error.description)
    }
  }

  private func update(_ request: Request) -> Response {
    state.withLock { state in
      guard !state.isClosed else { return Self.closed }
      if let lock = state.lock, lock.id != request.lockID {
        return Response(status: 423, body: lock.info)
      }
      // Half a document, or something else altogether, must never become the newest state.
      guard Self.isState(try? JSONValue(parsing: request.body)) else {
        return Response(status: 400, text: "the body is not a state document")
      }
      do throws(FileError) {
        let saved = try add(request.body)
        report(
          .stateSaved(
            StateSaved(serial: saved.serial, lineage: saved.lineage, path: saved.version.path)
          )
        )
        return Response(status: 200)
      } catch {
        return Response(status: 500, text: error.description)
      }
    }
  }

  /// An engine that is refused soon ends, and what it knows is nowhere then: it is kept waiting for room instead.
  private func add(_ body: [UInt8]) throws(FileError) -> StateStore.Snapshot {
    let watch = Stopwatch()
    while true {
      do throws(FileError) { return try store.add(body) } catch {
        let patience = isClosing.load(ordering: .relaxed) ? Self.lastPatience : Self.patience
        guard error.mayPass, watch.seconds < patience else { throw error }
      }
      usleep(200_000)
    }
  }

  private func lock(_ info: [UInt8]) -> Response {
    guard let id = Self.lockID(in: info) else { return Response(status: 400, text: "no lock ID") }
    return state.withLock { state in
      if let held = state.lock { return Response(status: 423, body: held.info) }
      state.lock = (id, info)
      report(.lockAcquired(id: id))
      return Response(status: 200)
    }
  }

  private func unlock(_ info: [UInt8]) -> Response {
    state.withLock { state in
      guard let held = state.lock else { return Response(status: 200) }
      // An empty body is `force-unlock`, which nothing but a person sends.
      if let id = Self.lockID(in: info), id != held.id { return Response(status: 423, body: held.info) }
      state.lock = nil
      report(.lockReleased(id: held.id))
      return Response(status: 200)
    }
  }

  /// Whether a document looks like a state: every version of the format says which one it is.
  static func isState(_ json: JSONValue?) -> Bool { json?["version"] != nil }

  private static func lockID(in info: [UInt8]) -> String? {
    (try? JSONValue(parsing: info))?["ID"]?.string
  }
}

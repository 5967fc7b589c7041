import Synchronization

/// Provider processes that are started before somebody needs them.
///
/// Each is handed out once and never comes back: a provider that was configured knows credentials and
/// a region, and the next caller may have others.
package final class ProviderPool: Sendable {
  private struct Spare {
    var launch: ProviderLaunch
    var start: Task<ProviderProcess, any Error>
  }

  private struct State {
    var spares: [Spare] = []
    var isClosed = false
  }

  /// What an idle process of a large provider takes, shared pages of its binary included.
  package static let processMemory = 192 << 20

  private let limit: Int
  private let folder: SocketFolder
  private let log: (@Sendable ([UInt8]) -> Void)?
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: how many processes are kept ready by themselves. With 0 they are started on demand.
  ///   - folder: where their sockets go, in a folder of their own.
  ///   - log: what providers write to standard error.
  package init(
    limit: Int,
    folder: String,
    log: (@Sendable ([UInt8]) -> Void)? = nil
  ) throws(HostFailure) {
    self.limit = limit
    self.folder = try SocketFolder(in: folder)
    self.log = log
  }

  /// A pool of as many processes as the memory allows.
  package convenience init(memory: Int, folder: String) throws(HostFailure) {
    try self.init(limit: memory / Self.processMemory, folder: folder)
  }

  /// Keeps a process that was started elsewhere until it is taken.
  func add(_ process: ProviderProcess, for launch: ProviderLaunch) {
    state.withLock { $0.spares.append(Spare(launch: launch, start: Task { process })) }
  }

  /// Has a process started by the time it is taken. Goes beyond the limit when told to.
  package func prestart(_ launch: ProviderLaunch) {
    guard !state.withLock({ $0.spares.contains { $0.launch == launch } }) else { return }
    let start = makeStart(launch)
    let isLate = state.withLock { state in
      if !state.isClosed { state.spares.append(Spare(launch: launch, start: start)) }
      return state.isClosed
    }
    if isLate { discard(start) }
  }

  /// A process that nobody else has or will have.
  package func take(_ launch: ProviderLaunch) async throws(HostFailure) -> ProviderProcess {
    while let spare = takeSpare(launch) {
      refill(launch)
      // One that died while it waited is no reason to fail: the next one may live.
      guard case .success(let process) = await spare.result, !process.hasEnded else { continue }
      return process
    }
    refill(launch)
    return try await ProviderProcess.start(launch, socketFolder: folder.path, log: log)
  }

  /// The one that is next, without taking it; starts one when there is none.
  func peek(_ launch: ProviderLaunch) async throws(HostFailure) -> ProviderProcess {
    let spare = state.withLock { $0.spares.first { $0.launch == launch }?.start }
    let start: Task<ProviderProcess, any Error>
    if let spare {
      start = spare
    } else {
      start = makeStart(launch)
      state.withLock { $0.spares.append(Spare(launch: launch, start: start)) }
    }
    switch await start.result {
    case .success(let process): return process
    case .failure(let error):
      state.withLock { $0.spares.removeAll { $0.start == start } }
      throw error as? HostFailure ?? .cannotStart(executable: launch.executable, reason: "\(error)")
    }
  }

  /// Ends all that were not taken. Those that were belong to whoever took them.
  package func close() async {
    let spares = state.withLock { state in
      defer { state.spares = [] }
      state.isClosed = true
      return state.spares
    }
    for spare in spares {
      guard case .success(let process) = await spare.start.result else { continue }
      process.kill()
      _ = await process.ended()
    }
    folder.remove()
  }

  // MARK: Keeping it filled

  private func makeStart(_ launch: ProviderLaunch) -> Task<ProviderProcess, any Error> {
    let (folder, log) = (folder.path, log)
    return Task { try await ProviderProcess.start(launch, socketFolder: folder, log: log) }
  }

  private func takeSpare(_ launch: ProviderLaunch) -> Task<ProviderProcess, any Error>? {
    state.withLock { state in
      guard let index = state.spares.firstIndex(where: { $0.launch == launch }) else { return nil }
      return state.spares.remove(at: index).start
    }
  }

  /// Puts one more of a kind that was just asked for in place, instead of the one that has waited
  /// longest when there are too many.
  private func refill(_ launch: ProviderLaunch) {
    guard limit > 0 else { return }
    let removed = state.withLock { state -> [Spare] in
      guard !state.isClosed else { return [] }
      var removed: [Spare] = []
      while state.spares.count >= limit { removed.append(state.spares.removeFirst()) }
      state.spares.append(Spare(launch: launch, start: makeStart(launch)))
      return removed
    }
    for spare in removed { discard(spare.start) }
  }

  private func discard(_ start: Task<ProviderProcess, any Error>) {
    Task {
      guard case .success(let process) = await start.result else { return }
      process.kill()
      _ = await process.ended()
    }
  }
}

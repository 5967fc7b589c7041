import NIOCore
import Synchronization

/// What has to be over before an endpoint is: connections, and tasks that end processes.
final class PendingWork: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var tasks: [Int: Task<Void, Never>] = [:]
    var number = 0
  }

  private let state = Mutex(State())

  func opened(_ channel: any Channel) {
    state.withLock { $0.channels[ObjectIdentifier(channel)] = channel }
  }

  func closed(_ channel: any Channel) {
    state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
  }

  func add(_ body: @escaping @Sendable () async -> Void) {
    state.withLock { state in
      state.number += 1
      let number = state.number
      state.tasks[number] = Task {
        await body()
        self.state.withLock { $0.tasks[number] = nil }
      }
    }
  }

  /// Closes every connection and waits for every task, those included that closing brings about.
  func closeAll() async {
    let channels = state.withLock { Array($0.channels.values) }
    for channel in channels {
      channel.close(promise: nil)
      // Its own callbacks come first, which add the tasks that end its process.
      try? await channel.closeFuture.get()
    }
    while let task = state.withLock({ $0.tasks.values.first }) { await task.value }
  }
}

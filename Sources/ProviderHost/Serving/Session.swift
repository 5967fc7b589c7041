import NIOCore
import PluginWire
import Synchronization

/// One connection of Terraform, which is one instance of a provider to it.
///
/// The first call that only a configured provider can answer brings it a real process of its own,
/// which ends with the connection and serves no other: Terraform configures each instance in its own
/// way. Lives on the event loop.
final class Session {
  /// Who deals with a call.
  enum Route {
    case reply(GRPCReply)
    case book
    /// The session's own process, which is started if there is none.
    case provider
    /// The same once somebody else has started it: the stream has nothing to say before.
    case providerLater
  }

  private enum Provider {
    case none
    case starting
    case running(ProviderConnection)
    /// It died; Terraform may not get another one by the back door.
    case lost
    case closed
  }

  typealias Waiter = (ProviderConnection?) -> Void

  let endpoint: ProviderEndpoint
  private var provider = Provider.none
  private var isConfigured = false
  private var hasCalled = false
  private var waiting: [Waiter] = []

  init(endpoint: ProviderEndpoint) { self.endpoint = endpoint }

  var recorder: HostRecorder { endpoint.recorder }

  func route(_ call: ProviderCall) -> Route {
    if !hasCalled {
      hasCalled = true
      recorder.count { $0.sessions += 1 }
    }
    if case .lost = provider, call != .shutdown {
      return .reply(.unavailable("the provider's process is gone"))
    }
    switch call {
    case .shutdown: return .reply(.ok([]))
    // Field 1 with 1: SERVING.
    case .health: return .reply(.ok([0x08, 0x01]))
    case .schema, .identitySchemas: return .book
    case .validate: return isConfigured ? .provider : .book
    case .stop:
      if case .none = provider { return .reply(.ok([])) }
      return .provider
    case .background: return .providerLater
    case .configure:
      isConfigured = true
      return .provider
    case .change:
      recorder.count { $0.changes += 1 }
      return .provider
    case .other: return .provider
    }
  }

  /// Calls back with the session's process once there is one, or with nil when it is gone.
  func withProvider(starting: Bool, _ body: @escaping Waiter) {
    switch provider {
    case .running(let connection): return body(connection)
    case .lost, .closed: return body(nil)
    case .none, .starting: waiting.append(body)
    }
    guard starting, case .none = provider else { return }
    provider = .starting
    endpoint.startProvider().assumeIsolated().whenComplete { result in
      switch result {
      case .success(let connection): self.attach(connection)
      case .failure: self.settle(.lost, nil)
      }
    }
  }

  private func attach(_ connection: ProviderConnection) {
    guard case .starting = provider else { return endpoint.end(connection) }
    connection.closed.assumeIsolated().whenComplete { _ in self.lose(connection) }
    settle(.running(connection), connection)
  }

  private func lose(_ connection: ProviderConnection) {
    guard case .running = provider else { return }
    provider = .lost
    endpoint.bury(connection)
  }

  /// Called when Terraform's connection is closed.
  func close() {
    if case .running(let connection) = provider { endpoint.end(connection) }
    settle(.closed, nil)
  }

  private func settle(_ state: Provider, _ connection: ProviderConnection?) {
    if case .closed = provider { return }
    provider = state
    let waiting = waiting
    self.waiting = []
    for body in waiting { body(connection) }
  }
}

import Digests
@preconcurrency import Dispatch
import HTTPListening
package import StackModel

/// Serves a ``StateService`` on a free port of the loopback address, for one job.
package final class StateServer: Sendable {
  private let listener: HTTPListener
  private let service: StateService
  /// What a caller must present as its password; made for this job alone.
  package let token: String
  /// A state this large has tens of thousands of resources; more is a fault, not a state.
  private static let bodyLimit = 512 << 20

  /// For example `http://127.0.0.1:40123`.
  package var url: String { "http://\(listener.host):\(listener.port)" }

  package static func start(
    store: StateStore,
    user: String,
    report: @escaping @Sendable (JobEvent.Body) -> Void
  ) async throws -> StateServer {
    let token = RandomToken.make()
    let service = StateService(
      store: store,
      authorization: "Basic \(Base64.text("\(user):\(token)".utf8))",
      report: report
    )
    let queue = DispatchQueue(label: "stackjob.state", attributes: .concurrent)
    let listener = try await HTTPListener.start(host: "127.0.0.1", port: 0, bodyLimit: bodyLimit) {
      request,
      answer in
      guard !request.isTooLarge else { return answer(.reply(HTTPListener.Reply(status: 413))) }
      let call = StateService.Request(
        method: request.method,
        path: request.path,
        lockID: request.value(inQuery: "ID"),
        authorization: request.headers["authorization"],
        body: request.body
      )
      // A snapshot that waits for room on the disk must not hold up what else the event loop does.
      queue.async {
        let response = service.respond(to: call)
        answer(
          .reply(
            HTTPListener.Reply(
              status: response.status,
              headers: [("content-type", "application/json")],
              body: response.body
            )
          )
        )
      }
    }
    return StateServer(listener: listener, service: service, token: token)
  }

  private init(listener: HTTPListener, service: StateService, token: String) {
    self.listener = listener
    self.service = service
    self.token = token
  }

  /// Takes no more connections, and no more calls on open ones. Call it once the engine is gone.
  package func stop() async {
    // What a killed engine sent last may still be on its way through the event loop.
    service.close()
    await listener.stop()
  }
}

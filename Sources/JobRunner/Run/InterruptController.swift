import Synchronization
package import ToolProcess

/// Turns requests to stop into what they mean for the running job; see ``Interrupter``.
///
/// One controller serves a process: whoever listens to signals calls it, and the job that
/// runs has itself told, so that each request stands in its journal. Jobs that run at the same time have each a
/// ``branch()`` of it.
package final class InterruptController: Sendable {
  package typealias Listener = @Sendable (Interrupter.Action) -> Void

  package let stop: StopSwitch
  private let watch = Stopwatch()
  private let state = Mutex(Interrupter())
  private let listener = Mutex<Listener?>(nil)
  private let branches = Mutex<[Branch]>([])

  private struct Branch { weak var controller: InterruptController? }

  package init(stop: StopSwitch = StopSwitch()) { self.stop = stop }

  /// A person pressed Ctrl-C.
  package func request() { carryOut(state.withLock { $0.request(at: watch.seconds) }) }

  /// A stop that never forces; see ``Interrupter/politeRequest()``.
  package func requestPolitely() {
    if let action = state.withLock({ $0.politeRequest() }) { carryOut(action) }
  }

  private func carryOut(_ action: Interrupter.Action) {
    // Done before it is told: telling waits for whoever reads our output, and may wait long.
    switch action {
    case .stop: stop.requestStop()
    case .warn: break
    case .force: stop.force()
    }
    let live = branches.withLock { branches in
      branches.removeAll { $0.controller == nil }
      return branches.compactMap(\.controller)
    }
    for branch in live { branch.carryOut(action) }
    listener.withLock { $0 }?(action)
  }

  /// A controller for one of several jobs: it gets every request that this one gets, and the job's own engine is
  /// what it stops.
  package func branch() -> InterruptController {
    let controller = InterruptController()
    branches.withLock { $0.append(Branch(controller: controller)) }
    // A request may have come before there was anybody to hand it to.
    if stop.isStopRequested { controller.requestPolitely() }
    return controller
  }

  /// Sets who is told of each request; nil for nobody.
  func tell(_ listener: Listener?) { self.listener.withLock { $0 = listener } }
}

@preconcurrency import Dispatch

#if canImport(Glibc)
  import Glibc
#endif

/// A thread for work that waits for a network: on those that Swift's tasks share it would hold up others.
package enum BackgroundThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  package static func start(_ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      },
      body.toOpaque()
    )
    guard code == 0 else {
      body.release()
      // The system has no thread left for us; the shared ones have to do.
      DispatchQueue.global().async(execute: run)
      return
    }
    pthread_detach(thread)
  }
}

/// Ends another thread's pause early.
package final class Bell: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  package init() {}

  package func ring() { semaphore.signal() }

  package func wait(seconds: Double) { _ = semaphore.wait(timeout: .now() + seconds) }

  /// Waits to the end however often it is rung, unless all is over by then.
  package func sitOut(seconds: Double, unless isOver: () -> Bool) {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isOver(), case let rest = ContinuousClock.now.duration(to: end) / .seconds(1), rest > 0 {
      wait(seconds: rest)
    }
  }
}

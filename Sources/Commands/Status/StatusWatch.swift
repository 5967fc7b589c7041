import Platforms
import StackModel
import Synchronization

/// Looks once or again and again, until there is nothing left to wait for.
struct StatusWatch {
  var ask: @Sendable () async -> Result<ServiceStatus, PlatformFailure>
  var interval: Duration
  var reporter: StatusReporter
  var watching: Bool
  var untilReady: Bool
  var timeoutSeconds: Int?

  private enum Ending: Sendable {
    case over(ExitCode)
    case interrupted
    case timedOut
  }

  /// - Returns: what the command ends with. What was being asked may still wait for its answer: nobody
  ///   waits with it.
  func run() async -> ExitCode {
    let (endings, ends) = AsyncStream<Ending>.makeStream()
    SignalWatch.start { _ in ends.yield(.interrupted) }
    let work = Task { ends.yield(.over(await look())) }
    let clock = timeoutSeconds.map { seconds in
      Task {
        do {
          try await Task.sleep(for: .seconds(seconds))
          ends.yield(.timedOut)
        } catch {
          // There was an answer in time.
        }
      }
    }
    var iterator = endings.makeAsyncIterator()
    let ending = await iterator.next() ?? .interrupted
    work.cancel()
    clock?.cancel()
    let last = reporter.finish()
    switch ending {
    case .over(let code): return code
    case .interrupted: return .cancelled
    case .timedOut: return timedOut(last)
    }
  }

  private func look() async -> ExitCode {
    var hasSeen = false
    while true {
      switch await ask() {
      case .success(let status):
        hasSeen = true
        reporter.show(status)
        let isDecided = status.health == .healthy || status.health == .failed
        if !watching || untilReady && isDecided || Console.isClosed { return Self.code(status) }
      case .failure(let failure):
        // A watch outlives a server that is away for a while, but not a refusal.
        guard watching, hasSeen, failure.kind == .unavailable else {
          reporter.fail(failure)
          return Console.exitCode(for: [failure.diagnostic])
        }
        reporter.note(failure)
      }
      do { try await Task.sleep(for: interval) } catch { return .cancelled }
    }
  }

  private func timedOut(_ last: ServiceStatus?) -> ExitCode {
    let seconds = timeoutSeconds ?? 0
    guard let last else {
      let failure = PlatformFailure(.unavailable, "no answer within \(seconds) seconds")
      Console.show([failure.diagnostic])
      return Console.exitCode(for: [failure.diagnostic])
    }
    if untilReady {
      Console.show([.error("status.timeout", "after \(seconds) seconds the service is not ready")])
      return .failed
    }
    return Self.code(last)
  }

  private static func code(_ status: ServiceStatus) -> ExitCode {
    status.health == .healthy ? .done : .failed
  }
}

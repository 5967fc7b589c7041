import Presentation
import StackModel
import Synchronization

/// The events of one made-up job, numbered and a quarter of a second apart.
struct Script {
  var name: String
  var events: [JobEvent] = []

  static let stack =
    StackID(org: "acme", env: "prod", kind: "AwsEcsService", name: "checkout")
    ?? { preconditionFailure("the name is legal") }()

  init(_ name: String, _ bodies: [JobEvent.Body]) {
    self.name = name
    for body in bodies {
      let seq = events.count + 1
      events.append(
        JobEvent(
          seq: seq,
          time: Timestamp(milliseconds: 1_767_225_600_000 + Int64(seq) * 250),
          job: "20260101T000000000-k3x9",
          stack: Self.stack,
          body: body
        )
      )
    }
  }

  /// All that a presenter writes.
  func text(
    _ terminal: Terminal = Terminal(),
    _ verbosity: TextPresenter.Verbosity = .normal,
    tickEach: Bool = false
  ) -> String {
    let written = Written()
    let presenter = TextPresenter(
      terminal: terminal,
      verbosity: verbosity,
      source: { $0 == "service.yaml" ? Scripts.manifest : nil },
      clock: { written.seconds },
      write: { written.append($0) }
    )
    for event in events {
      written.seconds = event.time.seconds(since: events[0].time)
      presenter.handle(event)
      if tickEach { presenter.tick() }
    }
    presenter.finish(journal: "/var/lib/stackjob/acme/prod/AwsEcsService/checkout/jobs/1/events.ndjson")
    return written.text
  }

  var record: JobRecord {
    var record = JobRecord()
    for event in events { record.add(event) }
    return record
  }

  var ndjson: String { events.map { $0.json.text() + "\n" }.joined() }
}

/// Collects what is written, and is the clock.
final class Written: Sendable {
  private let state = Mutex((text: "", seconds: 0.0))

  var text: String { state.withLock { $0.text } }

  var seconds: Double {
    get { state.withLock { $0.seconds } }
    set { state.withLock { $0.seconds = newValue } }
  }

  func append(_ text: String) { state.withLock { $0.text += text } }
}

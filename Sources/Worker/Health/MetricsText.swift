import JobSources
import ProviderHost
import Traces

/// Numbers as Prometheus reads them, in its text format 0.0.4.
package enum MetricsText {
  package static func render(_ numbers: WorkerStatus.Numbers) -> String {
    var lines: [String] = []
    func metric(_ name: String, _ type: String, _ help: String, _ samples: [(String, String)]) {
      lines += ["# HELP stackjob_\(name) \(help)", "# TYPE stackjob_\(name) \(type)"]
      lines += samples.map { "stackjob_\($0.0) \($0.1)" }
    }
    func byLabel(_ name: String, _ label: String, _ values: [String: Int]) -> [(String, String)] {
      values.sorted { $0.key < $1.key }.map { ("\(name){\(label)=\"\($0.key)\"}", "\($0.value)") }
    }
    metric(
      "jobs_total",
      "counter",
      "Jobs that ended, by result.",
      byLabel("jobs_total", "result", numbers.results)
    )
    metric(
      "attempts_unfinished_total",
      "counter",
      "Attempts that did not end their job, by what follows.",
      byLabel("attempts_unfinished_total", "next", numbers.unfinished)
    )
    let phases = numbers.phases.sorted { $0.key < $1.key }
    metric(
      "phase_seconds",
      "summary",
      "Seconds that phases of jobs took.",
      phases.flatMap { name, total in
        [
          ("phase_seconds_sum{phase=\"\(name)\"}", "\(total.seconds)"),
          ("phase_seconds_count{phase=\"\(name)\"}", "\(total.count)"),
        ]
      }
    )
    for (name, help, value) in [
      ("running", "Jobs that this worker runs now.", "\(numbers.running)"),
      ("queue_jobs", "Jobs that wait in the queue.", "\(numbers.queued)"),
      ("queue_age_seconds", "How long the oldest of them has waited.", "\(numbers.queueAge)"),
      ("draining", "1 once the worker claims no more.", numbers.isDraining ? "1" : "0"),
      ("spares", "Started providers that wait for a job.", "\(numbers.spares.ready)"),
    ] { metric(name, "gauge", help, [(name, value)]) }
    for (name, help, value) in [
      ("claims_total", "Jobs that were claimed.", numbers.claimed),
      ("adoptions_total", "Jobs of dead workers that were taken over.", numbers.adopted),
      ("leases_lost_total", "Jobs that another worker had taken meanwhile.", numbers.leasesLost),
      ("spares_started_total", "Providers that were started ahead for jobs to come.", numbers.spares.started),
      ("spares_taken_total", "Those of them that a job has taken.", numbers.spares.taken),
      ("spares_discarded_total", "Those of them that nobody took.", numbers.spares.discarded),
    ] { metric(name, "counter", help, [(name, "\(value)")]) }
    metric(
      "trace_spans_total",
      "counter",
      "Spans of traces that were sent, or dropped.",
      byLabel("trace_spans_total", "result", ["sent": numbers.spans.sent, "dropped": numbers.spans.dropped])
    )
    let told = numbers.callbacks
    metric(
      "callbacks_total",
      "counter",
      "Calls to those who want to be told of changes of jobs.",
      byLabel(
        "callbacks_total",
        "result",
        ["delivered": told.delivered, "failed": told.failed, "dropped": told.dropped]
      )
    )
    return lines.joined(separator: "\n") + "\n"
  }
}

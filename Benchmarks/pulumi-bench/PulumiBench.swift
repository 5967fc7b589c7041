import Engines
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// Measures how fast lines of Pulumi are decoded, on one thread, and prints one JSON object.
///
/// What reads a pipe and writes events is no part of it; `scripts/bench --only flood` measures that.
@main
enum PulumiBench {
  static func main() {
    // The memory of a first round is that of the lines and of what the allocator keeps.
    _ = decode(EventLines.mixed, times: 50)
    let before = residentKiB()
    let mixed = decode(EventLines.mixed, times: 1000)
    let after = residentKiB()
    let long = decode(EventLines.long, times: 500)
    let result: JSONValue = [
      "mixed": report(EventLines.mixed, mixed), "long": report(EventLines.long, long),
      "memoryBeforeKiB": .int(before), "memoryAfterKiB": .int(after),
    ]
    print(result.text())
  }

  private static func report(_ lines: [String], _ run: (lines: Int, events: Int, seconds: Double))
    -> JSONValue
  {
    [
      "lines": .int(run.lines), "events": .int(run.events),
      "bytesPerLine": .int(lines.reduce(0) { $0 + $1.utf8.count } / lines.count),
      "linesPerSecond": .int(Int(Double(run.lines) / run.seconds)),
    ]
  }

  /// Seconds of CPU, as other work on the machine is no part of this.
  private static func decode(_ lines: [String], times: Int) -> (lines: Int, events: Int, seconds: Double) {
    var events = 0
    let start = cpuSeconds()
    for _ in 0..<times {
      for line in lines {
        if case .event = PulumiMessage(line: line, stream: "stdout") { events += 1 }
      }
    }
    return (times * lines.count, events, cpuSeconds() - start)
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The second number of `statm`: resident pages.
  private static func residentKiB() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = fread(&buffer, 1, buffer.count, file)
    let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) / 1024 : 0
  }
}

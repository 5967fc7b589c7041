import ArgumentParser
import JobSources
import LocalFiles
import StackModel

struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Print the events of a job, one JSON object a line.",
    discussion: """
      EXAMPLES
        stackjob logs --queue queue/ web-42
        stackjob logs --queue queue/ web-42 --follow              until the job ends
        stackjob logs --queue queue/ web-42 --follow --from 40    from event 40 on
        stackjob logs --queue https://jobs.example.com web-42
      """
  )

  @OptionGroup var queue: QueueOptions

  @Argument(help: ArgumentHelp("The job.", valueName: "id"))
  var id: String

  @Flag(name: .shortAndLong, help: "Go on until the attempt is over, or waits for a decision.")
  var follow = false

  @Option(help: ArgumentHelp("The first event, by its number.", valueName: "n"))
  var from = 1

  @Option(help: ArgumentHelp("Which attempt. Default: the newest.", valueName: "n"))
  var attempt: Int?

  func run() async throws {
    let access = try queue.existing()
    var job = try access.job(id)
    while follow, job.attempts == 0, job.status == .queued, !Console.isClosed {
      try await Task.sleep(for: .milliseconds(200))
      job = try access.job(id)
    }
    let number = attempt ?? job.attempts
    guard number > 0 else { return }
    var tail = EventTail<any Error>(from: from) { [id] offset, count in
      try access.events(of: id, attempt: number, from: offset, atMost: count)
    }
    while true {
      // Looked at first: what is written before the end is then read after it.
      let isOver =
        try !follow || access.job(id).status != .running || attempt.map { $0 < job.attempts } ?? false
      while case let bytes = try tail.read(), !bytes.isEmpty, !Console.isClosed { Console.write(bytes) }
      if isOver || Console.isClosed { return }
      try await Task.sleep(for: .milliseconds(QueueOptions.isURL(queue.queue) ? 250 : 100))
    }
  }
}

/// Whole lines of a growing event log, of which only a piece is held in memory.
struct EventTail<Failure: Error> {
  /// Reads a piece of the log; empty where it ends.
  typealias Fetch = (_ offset: Int, _ count: Int) throws(Failure) -> [UInt8]

  let from: Int
  let fetch: Fetch
  private var offset = 0

  init(from: Int, fetch: @escaping Fetch) {
    self.from = from
    self.fetch = fetch
  }

  /// Some of the lines that have come since, without those before the first that is wanted; empty when there are
  /// none. A line that is half written waits for the rest of it.
  mutating func read() throws(Failure) -> [UInt8] {
    while true {
      let lines = try readPiece()
      guard from > 1, !lines.isEmpty else { return lines }
      let wanted = lines.split(separator: 0x0A).filter { line in
        ((try? JSONValue(parsing: line))?["seq"]?.int ?? from) >= from
      }
      if !wanted.isEmpty { return wanted.flatMap { Array($0) + [0x0A] } }
    }
  }

  private mutating func readPiece() throws(Failure) -> [UInt8] {
    var piece = 1 << 20
    while case let bytes = try fetch(offset, piece), !bytes.isEmpty {
      if let end = bytes.lastIndex(of: 0x0A) {
        offset += end + 1
        return Array(bytes[...end])
      }
      // The line is not whole yet, or longer than the piece.
      if bytes.count < piece { break }
      piece *= 4
    }
    return []
  }
}

extension EventTail where Failure == Never {
  /// Of a log on this machine; one that is not there yet is empty.
  init(path: String, from: Int) {
    self.init(from: from) { offset, count in
      (try? LocalFiles.read(path, from: offset, atMost: count)) ?? []
    }
  }
}

import LocalFiles
import NIOHTTP2
import PluginFakes
import PluginWire
import ProviderHost
import StackModel

#if canImport(Glibc)
  import Glibc
#endif

/// Measures what the host of providers adds to a call, and prints one JSON object.
///
/// The provider is played by this process and the host runs in a process of its own, so that its memory
/// is its own. A call goes to the provider directly and through the host in turn.
@main
struct HostBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    if arguments.count == 4, arguments[1] == "serve" {
      try await serve(executable: arguments[2], folder: arguments[3])
    } else {
      try await measure()
    }
  }

  // MARK: The host's process

  /// Says on standard output where it listens, and stops when its standard input ends.
  private static func serve(executable: String, folder: String) async throws {
    let host = try await ProviderHost.start(
      providers: [HostedProvider(source: FakeProvider.source, executable: executable, identity: "h1:fake")],
      environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: folder,
      cache: try ProviderCache(folder: "\(folder)/cache"),
      folder: folder
    )
    print(host.reattach)
    // All streams: output to a pipe is held back until then.
    fflush(nil)
    while readLine() != nil {}
    await host.stop()
  }

  // MARK: The measurement

  private static let prefix = "/tfplugin5.Provider/"
  private static let calls = 2000
  private static let size = 64 << 20

  private static func measure() async throws {
    let folder = "/tmp/stackjob-host-bench-\(getpid())"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    let schema = ProtobufWriter.message { $0.entry(2, key: "fake_a", [1]) }
    let fake = try await FakeProvider.start(in: folder) { path in
      switch path {
      case prefix + "GetSchema": Answering(message: schema)
      case prefix + "ApplyResourceChange": Counting()
      default: Answering(message: [UInt8](repeating: 1, count: 200))
      }
    }
    let child = try HostProcess(executable: fake.executable, folder: folder)
    let direct = try await FakeTerraform.connect(to: fake.socket)
    let hosted = try await FakeTerraform.connect(to: child.socket)

    let ways = [direct, hosted]
    var latencies: [[Double]] = [[], []]
    for number in 0..<(calls + 100) {
      for way in number.isMultiple(of: 2) ? [0, 1] : [1, 0] {
        let seconds = try await call(ways[way])
        // The first ones start the provider and fill caches.
        if number >= 100 { latencies[way].append(seconds) }
      }
    }
    let quiet = child.memory("VmRSS")
    var throughputs: [[Double]] = [[], []]
    for number in 0..<10 {
      for way in number.isMultiple(of: 2) ? [0, 1] : [1, 0] {
        throughputs[way].append(try await send(ways[way]))
      }
    }
    let result: JSONValue = [
      "calls": .int(calls),
      "directMicroseconds": .int(Int(median(latencies[0]) * 1e6)),
      "hostedMicroseconds": .int(Int(median(latencies[1]) * 1e6)),
      "messageBytes": .int(size),
      "directBytesPerSecond": .int(Int(Double(size) / median(throughputs[0]))),
      "hostedBytesPerSecond": .int(Int(Double(size) / median(throughputs[1]))),
      "memoryAfterCallsKiB": .int(quiet),
      "memoryPeakKiB": .int(child.memory("VmHWM")),
    ]
    print(result.text())
    await direct.close()
    await hosted.close()
    child.end()
    await fake.stop()
  }

  private static func call(_ terraform: FakeTerraform) async throws -> Double {
    let request = [UInt8](repeating: 2, count: 200)
    let clock = ContinuousClock()
    let start = clock.now
    let reply = try await terraform.call(prefix + "PlanResourceChange", request)
    guard reply.message.count == 200 else { throw BenchError.wrongAnswer }
    return seconds(clock.now - start)
  }

  private static func send(_ terraform: FakeTerraform) async throws -> Double {
    let message = [UInt8](repeating: 3, count: size)
    let clock = ContinuousClock()
    let start = clock.now
    let reply = try await terraform.call(prefix + "ApplyResourceChange", message)
    guard reply.message == Array("\(size + 5)".utf8) else { throw BenchError.wrongAnswer }
    return seconds(clock.now - start)
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

enum BenchError: Error {
  case wrongAnswer, noHost
}

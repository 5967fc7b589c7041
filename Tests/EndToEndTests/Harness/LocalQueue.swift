import CurlHTTP
import Digests
import JobSources
import LocalFiles
import StackModel
import Synchronization
import Testing
import ToolProcess

/// A server of jobs of one test's own, `scripts/queue-server`.
final class LocalQueue: Sendable {
  /// Holds its data, its certificates and its token; gone after the test.
  let folder: String
  let endpoint: String
  private let arguments: [String]
  private let server: Mutex<ScriptServer>

  private init(folder: String, arguments: [String], server: ScriptServer) throws {
    self.folder = folder
    self.arguments = arguments
    endpoint = try #require(server.ready["endpoint"]?.string)
    self.server = Mutex(server)
  }

  /// Starts the server, runs the test, ends the server.
  static func run(_ arguments: String..., body: (LocalQueue) async throws -> Void) async throws {
    try await run(arguments, body: body)
  }

  static func run(_ arguments: [String], body: (LocalQueue) async throws -> Void) async throws {
    let folder = "/tmp/stackjob-queue-server-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    try LocalFiles.replace("\(folder)/token", with: Array("first-token\n".utf8))
    let all = arguments.map { $0.replacing("FOLDER", with: folder) } + ["--data", "\(folder)/data.json"]
    let queue = try LocalQueue(folder: folder, arguments: all, server: try await start(all))
    let result: Result<Void, any Error>
    do { result = .success(try await body(queue)) } catch { result = .failure(error) }
    await queue.end()
    try result.get()
  }

  private static func start(_ arguments: [String]) async throws -> ScriptServer {
    try await ScriptServer.start("queue-server", arguments)
  }

  private func end() async { await server.withLock { $0 }.end() }

  /// Kills the server, does something, and starts it again under its address, with what it has on disk.
  func restart(after body: () async throws -> Void = {}) async throws {
    await end()
    try await body()
    let port = try #require(endpoint.split(separator: ":").last)
    let again = try await Self.start(arguments + ["--port", String(port)])
    server.withLock { $0 = again }
  }

  var client: QueueClient { QueueClient(queueEndpoint) }
  var queueEndpoint: QueueEndpoint { QueueEndpoint(url: endpoint, access: QueueEndpoint.Access()) }

  /// Submits a job, claims it, and leaves a file of it, as a worker would.
  ///
  /// - Returns: the file's digest.
  func keepJob(_ id: String, artefact path: String) throws -> String {
    var job = StackJob(operation: .preview)
    job.id = id
    job.manifest = "none"
    _ = try client.submit(job.json.bytes(), id: id, stack: nil, by: "ada")
    let claim = Wire.ClaimRequest(request: id, worker: "test", place: "here", wait: 0)
    let reply = queueEndpoint.ask(QueueEndpoint.Request("POST", "/claims", claim))
    let token = try #require(reply.document(Wire.ClaimReply.self)?.claim).token
    let digest = try SHA256.digest(ofFile: path)
    var request = QueueEndpoint.Request(
      "PUT",
      "/jobs/\(id)/artefacts/attempts/1/outputs.json",
      headers: ["\(Wire.tokenHeader): \(token)", "\(Wire.digestHeader): \(digest)"]
    )
    request.upload = path
    #expect(queueEndpoint.ask(request).document(Wire.Artefact.self)?.sha256 == digest)
    return digest
  }

  // MARK: Control

  func fault(_ match: String, _ what: JSONValue, times: Int = 1) throws {
    guard case .object(var fault) = what else { return }
    fault["match"] = .string(match)
    fault["times"] = .int(times)
    _ = try control("POST", "faults", [.object(fault)])
  }

  func tell(_ control: JSONValue) throws { _ = try self.control("POST", "control", control) }

  /// The calls so far whose method and path have that in them.
  func calls(_ part: String) throws -> [JSONValue] {
    try control("GET", "calls").array?.filter { $0["call"]?.string?.contains(part) == true } ?? []
  }

  private func control(_ method: String, _ route: String, _ body: JSONValue? = nil) throws -> JSONValue {
    let reply = try HTTPCall(
      url: "\(endpoint)/stackjob-test/\(route)",
      method: method,
      body: body?.text(),
      usesProxy: false
    ).perform()
    try #require(reply.status == 200)
    return try JSONValue(parsing: reply.body)
  }
}

import JobSources
import LocalFiles
import StackModel
import Testing

@Suite struct StackJobTests {
  private func problems(_ text: String) -> [Diagnostic] {
    guard case .failure(let failure) = StackJob.read(Array(text.utf8), file: "job.yaml") else { return [] }
    return failure.diagnostics
  }

  @Test func `a document is read and written as the same`() throws {
    let text = """
      kind: StackJob
      id: web-42
      operation: update
      image: shop/web:1
      sandbox: true
      flow: {pauseBetweenPreviewAndUpdate: true, skipRefresh: true}
      timeLimits: {job: 600, approval: 60}
      priority: 5
      labels: {team: web}
      manifest: {apiVersion: v1, kind: Web}
      """
    let job = try StackJob.read(Array(text.utf8), file: "job.yaml").get()
    #expect(job.id == "web-42" && job.operation == .update && job.needsApproval && job.skipRefresh)
    #expect(job.timeLimit == 600 && job.approvalLimit == 60 && job.priority == 5 && job.isSandbox)
    let again = try StackJob.read(job.json.bytes(), file: "again").get()
    #expect(again.json == job.json)
  }

  @Test func `an unknown key is an error with its place`() throws {
    let found = problems("operation: update\nmanifest: {a: 1}\nprioritty: 5\n")
    let problem = try #require(found.first)
    #expect(problem.location?.line == 3 && problem.location?.column == 1)
    #expect(problem.message.contains("prioritty"))
  }

  @Test(arguments: [
    "manifest: {a: 1}", "operation: explode\nmanifest: {a: 1}", "operation: update",
    "operation: update\nmanifest: {a: 1}\nmanifestFile: /a", "operation: update\nmanifestFile: a.yaml",
    "id: ../up\noperation: update\nmanifest: {a: 1}", "- a", "operation: [", "",
    "operation: update\nmanifest: {a: 1}\nbackend: {type: s4}",
    "operation: update\nmanifest: {a: 1}\nbackend: {type: [s3]}",
    "operation: update\nmanifest: {a: 1}\n---\noperation: update\nmanifest: {a: 1}",
  ])
  func `a wrong document is refused with a place`(text: String) {
    #expect(problems(text).contains { $0.severity == .error && $0.location != nil })
  }

  @Test(arguments: [("plan", Operation.preview), ("apply", .update), ("drift", .drift)])
  func `verbs are taken for operations`(name: String, operation: StackModel.Operation) {
    #expect(StackJob.operation(named: name) == operation)
  }

  @Test func `the published schema is the one that is checked`() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try #require(LocalFiles.text("/\(root)/docs/stack-job.schema.json"))
    #expect(try JSONValue(parsing: text) == StackJobSchema.document)
  }

  // Made by `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`.
  private static let privateKey = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIFmdk+u3RZm1cCMKPHyumE0B+Ko46mYQJh0F9GOBbGKM
    -----END PRIVATE KEY-----
    """
  private static let publicKey = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAG3q5+QRSFwa275AffI4vdzLvGdIATcfIQ6oXgV4MoA0=
    -----END PUBLIC KEY-----
    """
  private static let secret = String(repeating: "s", count: 32)

  private func key(_ text: String) throws -> SignatureKey {
    try SignatureKey.read(Array(text.utf8), file: "key").get()
  }

  @Test(arguments: [(privateKey, publicKey), (secret, secret)])
  func `a signed job is read, and verified by its key alone`(signer: String, checker: String) throws {
    let document = Array("operation: preview\nmanifest: {a: 1}\n".utf8)
    let envelope = try #require(SignedStackJob(document, key: try key(signer)))
    let bytes = envelope.json.bytes()
    #expect(try StackJob.read(bytes, file: "f").get().operation == .preview)
    let checker = try key(checker)
    #expect(try SignedStackJob.verified(bytes, by: checker, file: "f").get() == document)
    var wrong = envelope
    wrong.payload[0] ^= 1
    let others = [wrong.json.bytes(), document]
    for bytes in others {
      #expect(throws: DiagnosticFailure.self) {
        try SignedStackJob.verified(bytes, by: checker, file: "f").get()
      }
    }
    let stranger = try key(String(repeating: "t", count: 32))
    #expect(throws: DiagnosticFailure.self) {
      try SignedStackJob.verified(bytes, by: stranger, file: "f").get()
    }
  }

  @Test(arguments: [
    "short", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN EC KEY-----\nAAAA\n-----END EC KEY-----\n",
  ])
  func `what is no key is refused`(text: String) {
    #expect(throws: DiagnosticFailure.self) { try key(text) }
  }

  @Test func `a public key cannot sign`() throws {
    #expect(SignedStackJob([1], key: try key(Self.publicKey)) == nil)
  }
}

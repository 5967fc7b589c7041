import LocalFiles
import StackModel
import Testing

@testable import Platforms

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct KubectlTests {
  @Test(arguments: [
    (#"Error from server (NotFound): deployments.apps "web" not found"#, PlatformFailure.Kind.absent),
    (#"Error from server (Forbidden): pods is forbidden: User "ci" cannot list"#, .forbidden),
    ("error: You must be logged in to the server (Unauthorized)", .credentials),
    ("Unable to connect to the server: getting credentials: exec: executable aws not found", .credentials),
    (#"error: context "prod" does not exist"#, .credentials),
    ("error: stat /no/such: no such file or directory", .credentials),
    (
      "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
      .unavailable
    ),
    ("Unable to connect to the server: dial tcp: lookup x on 10.0.0.2:53: no such host", .unavailable),
    (
      "Unable to connect to the server: tls: failed to verify certificate: x509: signed by unknown authority",
      .unavailable
    ),
    ("Error from server (Timeout): the server was unable to return a response", .unavailable),
    ("error: something new", .refused), ("", .refused),
  ])
  func `kubectl's messages are told apart`(text: String, kind: PlatformFailure.Kind) {
    #expect(KubectlMessage.failure(text, asking: "/x").kind == kind)
  }

  @Test func `the line that is meant for people is told`() {
    let text = """
      Warning: Use tokens from the TokenRequest API
      E1126 06:41:02.000001    4242 memcache.go:265] "Unhandled Error" err="couldn't get resource list"
      error: You must be logged in to the server (Unauthorized)

      """
    #expect(
      KubectlMessage.failure(text, asking: "/x").message
        == "You must be logged in to the server (Unauthorized)"
    )
  }

  @Test func `a path is asked for with the one file and its context`() {
    let access = KubectlAccess(kubeconfig: "/a", context: "prod")
    #expect(
      access.arguments(path: "/api", timeoutSeconds: 7) == [
        "--kubeconfig", "/a", "--context", "prod", "--request-timeout", "7s", "get", "--raw", "/api",
      ]
    )
  }

  @Test func `a written kubeconfig is its owner's alone and goes away`() throws {
    let folder = "/tmp/stackjob-kubeconfig-test-\(UInt64.random(in: 0 ... .max))"
    try LocalFiles.makeFolder(folder)
    defer { try? LocalFiles.removeTree(folder) }
    let file = try KubeconfigFile(["current-context": "x"], context: "x", below: folder)
    var info = stat()
    #expect(stat(file.access.kubeconfig, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600)
    #expect(try JSONValue(parsing: LocalFiles.read(file.access.kubeconfig))["current-context"] == "x")
    file.remove()
    #expect(try LocalFiles.list(folder) == [])
  }
}

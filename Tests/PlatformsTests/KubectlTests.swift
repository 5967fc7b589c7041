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

  @Test func `one file goes by flag, several by the variable`() {
    let one = KubectlAccess(kubeconfigs: ["/a"], context: "prod")
    #expect(
      one.arguments(path: "/api", timeoutSeconds: 7) == [
        "--kubeconfig", "/a", "--context", "prod", "--request-timeout", "7s", "get", "--raw", "/api",
      ]
    )
    #expect(one.variables == [:])
    let two = KubectlAccess(kubeconfigs: ["/a", "/b"])
    #expect(two.arguments(path: "/api", timeoutSeconds: 7).first == "--request-timeout")
    #expect(two.variables == ["KUBECONFIG": "/a:/b"])
  }

  @Test func `a kubeconfig holds what was given and nothing else`() {
    let least = Kubeconfig(host: "https://h").json
    #expect(least["clusters"]?[0]?["cluster"] == ["server": "https://h"])
    #expect(least["users"]?[0]?["user"] == [:])
    let most = Kubeconfig(
      host: "https://h",
      certificateAuthority: "CA",
      token: Secret("t"),
      clientCertificate: "CERT",
      clientKey: Secret("KEY"),
      tlsServerName: "n",
      proxyURL: "http://p",
      insecure: true
    ).json
    #expect(
      most["clusters"]?[0]?["cluster"] == [
        "server": "https://h", "certificate-authority-data": "Q0E=", "tls-server-name": "n",
        "proxy-url": "http://p", "insecure-skip-tls-verify": true,
      ]
    )
    #expect(
      most["users"]?[0]?["user"] == [
        "token": "t", "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ",
      ]
    )
  }

  @Test func `a written kubeconfig is its owner's alone and goes away`() throws {
    let folder = "/tmp/stackjob-kubeconfig-test-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(folder) }
    let access = try Kubeconfig(host: "https://h", token: Secret("t")).write(below: folder)
    let path = try #require(access.kubeconfigs.first)
    var info = stat()
    #expect(stat(path, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600)
    #expect(try JSONValue(parsing: LocalFiles.read(path))["current-context"]?.string == access.context)
    try Kubeconfig.removeFolder(of: access)
    #expect(try LocalFiles.list(folder) == [])
  }
}

import Testing

@testable import Deployment

@Suite struct KustomizeToolTests {
  @Test(arguments: [
    ("v5.4.2\n", "5.4.2"), ("{kustomize/v4.5.7  2022-08-02T16:35:54Z  }", "4.5.7"),
    ("{Version:kustomize/v3.8.7 GitCommit:ad09 BuildDate:2020}", "3.8.7"), ("(devel)\n", ""),
  ])
  func `a version is read from what kustomize says`(_ text: String, _ version: String) {
    #expect(KustomizeTool.version(.kustomize, text) == version)
  }

  @Test func `kubectl says the version of the kustomize in it, or has an old one`() {
    #expect(
      KustomizeTool.version(.kubectl, #"{"clientVersion": {}, "kustomizeVersion": "v5.5.0"}"#) == "5.5.0"
    )
    #expect(KustomizeTool.version(.kubectl, #"{"clientVersion": {}}"#) == "4.0.5")
  }

  @Test(arguments: [
    ("_kustomize/overlays/dev", "_kustomize/overlays/dev"), ("../a/\u{E9}", "../a/\u{E9}"),
    ("my shop/dev", "'my shop/dev'"), ("it's", #"'it'\''s'"#), ("a;b", "'a;b'"), ("a?b", "'a?b'"),
  ])
  func `a command is told as a shell takes it`(_ folder: String, _ word: String) {
    let tool = KustomizeTool(program: .kustomize, executable: "", version: "", environment: [:])
    #expect(tool.command(folder) == "kustomize build \(word)")
  }

  @Test func `versions are compared by number`() {
    #expect(KustomizeTool.isAtLeast("4.2.0", "4.10.0"))
    #expect(KustomizeTool.isAtLeast("4.2.0", "4.2.0"))
    #expect(!KustomizeTool.isAtLeast("4.2.0", "4.1.9"))
  }

  @Test(arguments: [
    (#"E1126 11:33:13.4 16881 run.go:72] "command failed" err="no \"x\" here""#, #"no "x" here"#),
    ("E1126 11:33:13.5 1 run.go:72] \"command failed\" err=<\n\tone\n\t`: two\n >\n", "one `: two"),
    ("Error: accumulating resources\n", "accumulating resources"), ("error: a\nb\n", "a b"),
    ("plain", "plain"),
    (
      """
      E1126 16:01:49.265035    4898 memcache.go:265] "Unhandled Error" err="no answer"
      Unable to connect to the server
      """, "Unable to connect to the server"
    ),
    (
      "E1126 16:01:49.265035    4898 memcache.go:265] alone",
      "E1126 16:01:49.265035    4898 memcache.go:265] alone"
    ),
  ])
  func `a message is told without what the logger puts around it`(_ text: String, _ message: String) {
    #expect(KustomizeMessage.clean(text) == message)
  }
}

import StackModel
import Testing

@testable import Engines

struct PulumiCommandTests {
  @Test(
    arguments: [
      (.version, "version"),
      (
        .selectStack(secretsProvider: "passphrase"),
        "stack select --create --secrets-provider passphrase --stack acme.prod"
      ),
      (.setSecret("secret_web"), "config set secret_web --secret --stack acme.prod"),
      (.preview(.init(refresh: false), savePlan: nil), "preview --json --stack acme.prod"),
      (
        .preview(.init(parallelism: 4), savePlan: "plan"),
        "preview --json --stack acme.prod --refresh --parallel 4 --save-plan plan"
      ),
      (.openStack, "stack select --stack acme.prod"),
      (
        .drift(.init(parallelism: 3)),
        "refresh --preview-only --expect-no-changes --json --stack acme.prod --parallel 3"
      ),
      (.previewRefresh(.init()), "refresh --preview-only --json --stack acme.prod"),
      (
        .update(.init(refresh: false), plan: "plan", message: "job-1"),
        "up --yes --skip-preview --json --stack acme.prod --message job-1 --plan plan"
      ),
      (
        .update(.init(replace: ["urn:a", "urn:b"]), plan: nil, message: "m"),
        "up --yes --skip-preview --json --stack acme.prod --message m --refresh --replace urn:a --replace urn:b"
      ),
      (
        .refresh(.init(parallelism: 2), clearsPendingCreates: false),
        "refresh --yes --skip-preview --json --stack acme.prod --parallel 2"
      ),
      (
        .refresh(.init(), clearsPendingCreates: true),
        "refresh --yes --skip-preview --json --stack acme.prod --clear-pending-creates"
      ),
      (.previewDestroy(.init(refresh: false)), "destroy --preview-only --json --stack acme.prod"),
      (.destroy(.init()), "destroy --yes --skip-preview --json --stack acme.prod --refresh"),
      (.outputs, "stack output --json --stack acme.prod"),
      (.exportState(file: "state.json"), "stack export --file state.json --stack acme.prod"),
      (.importState(file: "state.json"), "stack import --file state.json --stack acme.prod"),
      (.breakLocks, "cancel --yes --stack acme.prod"),
      (
        .installPlugin(PulumiPlugin(name: "aws", version: "7.51.1"), file: "/a.tar.gz"),
        "plugin install resource aws 7.51.1 --file /a.tar.gz"
      ),
    ] as [(PulumiCommand, String)]
  )
  func `argument lists`(command: PulumiCommand, expected: String) {
    let arguments = command.arguments(stack: "acme.prod")
    #expect(arguments.prefix(3) == ["--non-interactive", "--color", "never"])
    #expect(arguments.dropFirst(3).joined(separator: " ") == expected)
  }

  @Test(arguments: [
    ("file:///var/lib/pulumi", true), ("s3://bucket/path?region=eu-west-1", true), ("gs://bucket", true),
    ("azblob://container", true), ("postgres://host/db?table=state", true), ("https://api.pulumi.com", true),
    ("s4://bucket", false), ("file://", false), ("/var/lib/pulumi", false), ("", false),
  ])
  func `a backend is one that Pulumi knows`(url: String, isKnown: Bool) {
    #expect((PulumiBackend(url) != nil) == isKnown)
  }

  @Test func `the environment lets Pulumi fetch nothing unless it may`() throws {
    let backend = try #require(PulumiBackend("file:///state"))
    func fixed(_ allowsDownload: Bool) -> [String: String] {
      PulumiEnvironment.fixed(
        backend: backend,
        passphraseFile: "/p",
        home: "/h",
        temporary: "/t",
        allowsDownload: allowsDownload
      )
    }
    #expect(fixed(false)["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true")
    #expect(fixed(true)["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == nil)
    #expect(
      fixed(false)["PULUMI_CONFIG_PASSPHRASE_FILE"] == "/p" && fixed(false)["PULUMI_CONFIG_PASSPHRASE"] == nil
    )
  }

  private static func summary(_ result: PulumiMessage.Summary.Result?) -> PulumiMessage.Summary {
    PulumiMessage.Summary(
      changes: ChangeSummary(),
      isPreview: false,
      result: result,
      isDoubtful: false,
      seconds: 1
    )
  }

  @Test(
    arguments: [
      (0, nil, "", false, .succeeded, .done), (1, nil, "", false, .failed, .failed),
      (2, nil, "", false, .usage, .usage), (3, nil, "", false, .credentials, .credentials),
      (6, nil, "", false, .noStack, .badData), (7, nil, "", false, .changes, .changes),
      (8, nil, "", false, .cancelled, .cancelled), (1, summary(.canceled), "", false, .cancelled, .cancelled),
      (0, summary(.failed), "", false, .failed, .failed),
      (0, summary(.canceled), "", false, .cancelled, .cancelled),
      (255, summary(nil), "", true, .cancelled, .cancelled), (255, summary(nil), "", false, .failed, .failed),
      (255, nil, "error: the stack is currently locked by 1 lock(s). Either wait", false, .locked, .locked),
      (255, nil, "error: no stack named 'nosuch' found", false, .noStack, .badData),
      (255, nil, "get stack secrets manager: incorrect passphrase", false, .credentials, .credentials),
      (255, nil, "error: no changes were expected but changes were proposed", false, .changes, .changes),
    ] as [(Int, PulumiMessage.Summary?, String, Bool, PulumiExit, ExitCode)]
  )
  func `how a command ended`(
    code: Int,
    summary: PulumiMessage.Summary?,
    text: String,
    stopRequested: Bool,
    expected: PulumiExit,
    ours: ExitCode
  ) {
    let exit = PulumiExit(code: code, summary: summary, standardError: text, stopRequested: stopRequested)
    #expect(exit == expected && exit.exitCode == ours)
  }

  @Test(arguments: [.usage, .changes, .failed] as [PulumiExit])
  func `what fails is no mistake in a command line, and has found no changes`(exit: PulumiExit) {
    #expect(PulumiFailure(exit: exit, text: "error: out of luck").exitCode == .failed)
  }
}

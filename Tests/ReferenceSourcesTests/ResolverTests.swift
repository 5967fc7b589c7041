import ReferenceSources
import References
import StackModel
import Synchronization
import Testing

@Suite("References, asked of sources in order")
struct ResolverTests {
  private struct Played: ReferenceSource {
    let name: String
    var kinds = Set(GroupKind.allCases)
    var answers: [String: SourceAnswer]
    let asked = Asked()

    final class Asked: Sendable { let texts = Mutex<[String]>([]) }

    func look(up reference: GroupReference) async -> SourceAnswer {
      asked.texts.withLock { $0.append(reference.description) }
      return answers[reference.description] ?? .missing(known: ["database/password", "database/host"])
    }
  }

  @Test func `the first source that has it decides, and each is asked once`() async throws {
    let one = Played(name: "one", answers: ["$variables-group/a/x": .found("1")])
    let two = Played(
      name: "two",
      answers: ["$variables-group/a/x": .found("2"), "$secrets-group/a/y": .found("secret")]
    )
    let (x, y) = (try reference("$variables-group/a/x"), try reference("$secrets-group/a/y"))
    let answers = await ReferenceResolver(sources: [one, two]).resolve([x, y])
    #expect(try answers[x]?.get().source == "one" && answers[x]?.get().value == .text("1"))
    #expect(try answers[y]?.get().source == "two" && answers[y]?.get().value == .secret(Secret("secret")))
    #expect(one.asked.texts.withLock { $0.sorted() } == [y.description, x.description])
    #expect(two.asked.texts.withLock { $0 } == [y.description])
  }

  @Test func `a source is asked for its own kinds alone`() async throws {
    let source = Played(name: "vault", kinds: [.secrets], answers: ["$variables-group/a/x": .found("1")])
    let x = try reference("$variables-group/a/x")
    let answer = await ReferenceResolver(sources: [source]).resolve([x])[x]
    guard case .failure(let failure)? = answer else {
      Issue.record("it was found")
      return
    }
    #expect(failure.code == "reference.unresolved" && source.asked.texts.withLock { $0 } == [])
  }

  @Test func `a source that fails is not passed over`() async throws {
    let x = try reference("$secrets-group/a/x")
    let broken = Played(
      name: "vault",
      answers: [x.description: .failed(SourceFailure(.credentials, "no token", hint: "set VAULT_TOKEN"))]
    )
    let later = Played(name: "files", answers: [x.description: .found("stale")])
    guard case .failure(let failure)? = await ReferenceResolver(sources: [broken, later]).resolve([x])[x]
    else {
      Issue.record("it was found")
      return
    }
    #expect(
      failure
        == ReferenceFailure(
          code: "platform.credentials",
          message: "`$secrets-group/a/x` cannot be asked of vault: no token",
          hint: "set VAULT_TOKEN"
        )
    )
  }

  @Test(arguments: [
    (
      "$secrets-group/database/pasword", "reference.entry",
      "the secrets group `database` has no entry `pasword`",
      "did you mean `database/password`? asked: one, two"
    ),
    (
      "$secrets-group/queue/url", "reference.group",
      "no source has the entry `url` of the secrets group `queue`", "asked: one, two"
    ),
  ])
  func `what is nowhere is told with the nearest name and who was asked`(
    text: String,
    code: String,
    message: String,
    hint: String
  ) async throws {
    let sources = ["one", "two"].map { Played(name: $0, answers: [:]) }
    let asked = try reference(text)
    guard case .failure(let failure)? = await ReferenceResolver(sources: sources).resolve([asked])[asked]
    else {
      Issue.record("it was found")
      return
    }
    #expect(failure == ReferenceFailure(code: code, message: message, hint: hint))
  }

  @Test func `many references are all answered`() async throws {
    let all = try Set((0..<100).map { try reference("$variables-group/g/\($0)") })
    let source = Played(
      name: "one",
      answers: Dictionary(uniqueKeysWithValues: all.map { ($0.description, .found($0.entry)) })
    )
    let answers = await ReferenceResolver(sources: [source]).resolve(all)
    #expect(answers.count == 100)
    for (reference, answer) in answers { #expect(try answer.get().value == .text(reference.entry)) }
  }
}

import Presentation
import StackModel
import Testing

/// `docs/events.schema.json` and `docs/events.md` against the events that the program writes.
struct EventSchemaTests {
  private static func checker() throws -> SchemaChecker {
    let text = try #require(Fixtures.text("\(Fixtures.root)/docs/events.schema.json"))
    return SchemaChecker(root: try JSONValue(parsing: text))
  }

  @Test func `every event is valid, with all optional members and with none`() throws {
    let checker = try Self.checker()
    for event in Script("samples", EventSamples.all).events {
      #expect(checker.problems(event.json) == [], "\(event.json.text())")
      // Its own definition says more than "no alternative matches".
      let own = checker.root["$defs"]?[event.body.type]
      #expect(checker.problems(event.json, own) == [], "\(event.json.text())")
    }
  }

  @Test func `the events of whole jobs are valid`() throws {
    let checker = try Self.checker()
    for event in Scripts.all.flatMap(\.events) { #expect(checker.problems(event.json) == []) }
  }

  @Test func `the schema has one definition for each type and no other`() throws {
    let checker = try Self.checker()
    let types = Set(Script("samples", EventSamples.all).events.map(\.body.type))
    let named = (checker.root["oneOf"]?.array ?? []).compactMap {
      $0["$ref"]?.string?.dropFirst("#/$defs/".count)
    }
    #expect(Set(named.map(String.init)) == types)
    #expect(named.count == types.count)
  }

  @Test func `each optional member of the schema is written by some event`() throws {
    let checker = try Self.checker()
    for type in Set(EventSamples.all.map(\.type)) {
      let declared = Set(checker.root["$defs"]?[type]?["properties"]?.object?.keys ?? [])
      let written = Script("samples", EventSamples.all).events.filter { $0.body.type == type }
        .flatMap { $0.json.object?.keys ?? [] }
      #expect(Set(written) == declared, "\(type)")
    }
  }

  @Test func `an unknown, missing or wrong member is found`() throws {
    let checker = try Self.checker()
    let event = Script("one", [.phaseFinished(.`init`, .succeeded, seconds: 1)]).events[0]
    var object = try #require(event.json.object)
    object["more"] = true
    #expect(!checker.problems(.object(object)).isEmpty)
    object = try #require(event.json.object)
    object["phase"] = nil
    #expect(!checker.problems(.object(object)).isEmpty)
    object["phase"] = "lunch"
    #expect(!checker.problems(.object(object)).isEmpty)
  }

  @Test func `the document describes each type by a valid example`() throws {
    let checker = try Self.checker()
    let document = try #require(Fixtures.text("\(Fixtures.root)/docs/events.md"))
    var described: Set<String> = []
    for line in document.split(separator: "\n") where line.hasPrefix("{\"seq\"") {
      let example = try JSONValue(parsing: String(line))
      #expect(checker.problems(example) == [], "\(line)")
      described.insert(example["type"]?.string ?? "")
    }
    #expect(described == Set(EventSamples.all.map(\.type)))
    for type in described { #expect(document.contains("### `\(type)`"), "\(type)") }
  }
}

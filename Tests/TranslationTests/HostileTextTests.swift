import ManifestCorpus
import StackModel
import Testing

@testable import Translation

/// What a manifest says stays text, whatever it is.
struct HostileTextTests {
  private static let texts = [
    "${account.id}", "$${x}", "$", "${", "$$$${x}", "fn::readFile", "@{name}", "a${", "\u{85}\u{9F}\u{FFFE}",
    #"\/ \ud83d " \ "#,
  ]

  /// Texts that decide something, or that a template takes apart.
  private static let structural: Set = [
    "store", "type", "protocol", "mode", "default_mode", "port", "created", "arn", "min_available",
    "max_unavailable", "max_surge", "test", "variable",
  ]

  private func poisoned(_ value: JSONValue, key: String, _ text: String) -> JSONValue {
    switch value {
    case .string(let old): Self.structural.contains(key) ? value : .string("\(text)\(old)\(text)")
    case .array(let elements): .array(elements.map { poisoned($0, key: key, text) })
    case .object(let object):
      .object(JSONObject(object.map { ($0.key, poisoned($0.value, key: $0.key, text)) }))
    default: value
    }
  }

  /// References of a program, each once.
  private func references(_ value: JSONValue) -> Set<String> {
    switch value {
    case .string(let text):
      var found: Set<String> = []
      for piece in text.replacing("$$", with: "").split(separator: "${", omittingEmptySubsequences: false)
        .dropFirst()
      {
        found.insert(String(piece.prefix { $0 != "}" }))
      }
      return found
    case .array(let elements): return elements.reduce([]) { $0.union(references($1)) }
    case .object(let object):
      return object.reduce([]) { $0.union(references($1.value)).union(references(.string($1.key))) }
    default: return []
    }
  }

  @Test(arguments: Corpus.kinds)
  func `no text of a manifest becomes a reference`(kind: String) throws {
    let corpus = try Corpus(kind)
    let checker = ProgramChecker(facts: Corpus.facts)
    for form in corpus.written {
      for text in Self.texts {
        let values = poisoned(form.values, key: "", text)
        let program: JSONValue
        do {
          program = try corpus.program(values).program
        } catch let error as TemplateError {
          // Where a text becomes a key, one that is a function's name is refused.
          #expect(error.cause == .key && text.hasPrefix("fn::"), "\(form.name) with \(text): \(error)")
          continue
        }
        // Every reference leads to something that the program itself has.
        let names = Set(["config", "variables", "resources"].flatMap { program[$0]?.object?.keys ?? [] })
        for reference in references(program) {
          let root = String(reference.prefix { $0 != "." && $0 != "[" })
          #expect(names.contains(root), "\(form.name) with \(text): \(reference)")
        }
        let lone = checker.problems(in: program).filter {
          $0.contains("lone") || $0.contains("open") || $0.contains("calls")
        }
        #expect(lone == [], "\(form.name) with \(text)")
      }
    }
  }

  @Test func `a text comes out as it went in`() throws {
    let corpus = try Corpus("MicroserviceKubernetes")
    let form = try #require(corpus.written.first { $0.name == "most-blocks" })
    for text in Self.texts {
      var values = try #require(form.values.object)
      values["annotations"] = .object(JSONObject([("example.com/note", .string(text))]))
      let program = try corpus.program(.object(values)).program
      let written = program["resources"]?["deployment"]?["properties"]?["metadata"]?["annotations"]
      #expect(written?["example.com/note"]?.string.map(PulumiText.unescaped) == text)
    }
  }
}

import Manifests
import StackModel
import Testing
import YAMLTree

/// Nothing that can be typed or sent may stop the process. The numbers are seeded, so a failure comes again.
struct FuzzTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  private static let good = "manifests/good/full.yaml"

  private func read(_ bytes: [UInt8]) {
    let (manifests, diagnostics) = ManifestReader.read(bytes, file: "f", catalog: Fixtures.catalog)
    // Every text yields a manifest or a reason.
    #expect(!manifests.isEmpty || diagnostics.hasErrors)
    for diagnostic in diagnostics {
      guard let place = diagnostic.location, place.file == "f" else { continue }
      #expect(place.line >= 1 && place.column >= 1)
    }
  }

  @Test func `every beginning of a good file is read or refused`() throws {
    let bytes = try #require(Fixtures.bytes(Self.good))
    for length in bytes.indices { read(Array(bytes[..<length])) }
  }

  @Test func `a good file with bytes changed is read or refused`() throws {
    let bytes = try #require(Fixtures.bytes(Self.good))
    var random = Generator(state: 1)
    for _ in 0..<1500 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: changed.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: changed[index] = UInt8.random(in: 0...255, using: &random)
        case 1:
          changed[index] = try #require("{}[]:-&*!|>'\"%@`#,?~\t\n <".utf8.randomElement(using: &random))
        case 2: changed.remove(at: index)
        default: changed.insert(contentsOf: bytes.shuffled(using: &random).prefix(5), at: index)
        }
      }
      read(changed)
    }
  }

  @Test func `random bytes and random marks are refused`() throws {
    var random = Generator(state: 2)
    let marks = Array("{}[]:-&*!|>'\"%@`#,?~\t\n <a1".utf8)
    for round in 0..<1500 {
      let length = Int.random(in: 0..<80, using: &random)
      read(
        (0..<length).map { _ in
          round % 2 == 0
            ? UInt8.random(in: 0...255, using: &random) : marks.randomElement(using: &random) ?? 0
        }
      )
    }
  }

  @Test func `deep and wide texts are refused in time`() {
    for mark in ["[", "{a: ", "- ", "? ", "a:\n ", "&a ", "*a ", "!x ", "'", "|\n"] {
      read(Array(String(repeating: mark, count: 20_000).utf8))
    }
  }

  @Test func `random paths and values never stop an override`() throws {
    let good = try #require(Fixtures.bytes(Self.good))
    var random = Generator(state: 3)
    let pieces = [
      "spec", ".", "container", "[0]", "[9]", "sidecars", "=", "x", "\"a.b\"", "{", "}", ":", ",", "port",
      "storage",
    ]
    for _ in 0..<400 {
      let text = (0..<Int.random(in: 1..<9, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      guard let override = Override.parse(text.joined()).override else { continue }
      let (manifests, diagnostics) = ManifestReader.read(
        good,
        file: "f",
        catalog: Fixtures.catalog,
        overrides: [override]
      )
      #expect(!manifests.isEmpty || diagnostics.hasErrors)
    }
  }
}

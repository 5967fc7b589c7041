import Testing

@testable import Manifests

struct QuantityTests {
  @Test(arguments: [
    ("0", 0), ("1", 1_000_000_000), ("+1", 1_000_000_000), ("1.", 1_000_000_000), (".5", 500_000_000),
    ("0.1", 100_000_000), ("100m", 100_000_000), ("1500m", 1_500_000_000), ("1n", 1), ("1u", 1000),
    ("1k", 1_000_000_000_000), ("1e3", 1_000_000_000_000), ("1E3", 1_000_000_000_000),
    ("1e-3", 1_000_000), ("1e+0", 1_000_000_000), ("1Ki", 1_024_000_000_000),
    ("0.5Ki", 512_000_000_000), ("007", 7_000_000_000), ("0.0000000001", 1), ("1e-100", 1),
  ])
  func `a quantity has its value`(text: String, nanos: Int) {
    #expect(Quantity(text)?.nanos == UInt128(nanos), "\(text)")
  }

  @Test(arguments: [
    ("1000m", "1"), ("1024Mi", "1Gi"), ("1e9", "1G"), ("0.5", "500m"), ("1E", "1e18"), ("1000Ki", "1024k"),
    ("1Ei", "1152921504606846976"), ("99999E", "9223372036854775807"), ("1e999999999999999999999", "8Ei"),
  ])
  func `two ways to write one amount are equal`(text: String, other: String) {
    #expect(Quantity(text) != nil && Quantity(text) == Quantity(other))
  }

  @Test(arguments: [
    ("999m", "1"), ("1M", "1Mi"), ("512Mi", "1G"), ("0", "1n"), ("1.9", "2"), ("9E", "8Ei"),
  ])
  func `amounts are compared as numbers`(less: String, more: String) throws {
    #expect(try #require(Quantity(less)) < #require(Quantity(more)))
  }

  @Test(arguments: [
    "", "-1", "m", "Gi", ".", "1..2", "1.2.3", "1 Gi", "1GB", "1g", "1K", "1mi", "1e", "1e1.5", "1Em", "1Gi ",
    "0x10", "١", "1,5", "Infinity", "1e-", "+", "++1", "\n1", "½",
  ])
  func `what is no quantity is refused`(text: String) { #expect(Quantity(text) == nil) }

  @Test(arguments: [
    ("512MB", ["512M", "512Mi"]), ("1GiB", ["1Gi"]), ("1 Gi", ["1Gi"]), ("1gi", ["1Gi"]), ("0,5", ["0.5"]),
    ("2 cores", ["2"]), ("64K", ["64k", "64Ki"]), ("half", []), ("", []), ("Mi", []), ("1xyz", []),
  ])
  func `what may have been meant is a quantity`(text: String, meant: [String]) {
    #expect(Quantity.meant(by: text) == meant)
  }

  @Test func `no text stops the parser`() {
    let pieces = ["0", "9", ".", "e", "E", "+", "-", "Ki", "m", "é", "999999999999", " "]
    for first in pieces {
      for second in pieces {
        for third in pieces {
          for fourth in pieces { _ = Quantity(first + second + third + fourth) }
        }
      }
    }
  }
}

import JobRunner
import StackModel
import Testing

@Suite struct RedactorTests {
  private let secret = #"p@ss "w0rd'/+&x<y>"#

  @Test(
    arguments: [
      #"p@ss "w0rd'/+&x<y>"#,
      #"p@ss \"w0rd'/+&x<y>"#,
      #"p@ss \"w0rd'/+\u0026x\u003cy\u003e"#,
      "p%40ss%20%22w0rd%27%2F%2B%26x%3Cy%3E",
      "p%40ss%20%22w0rd%27%2f%2b%26x%3cy%3e",
      "p%40ss%20%22w0rd%27/%2B%26x%3Cy%3E",
      "p@ss%20%22w0rd%27%2F+&x%3Cy%3E",
      "p%40ss+%22w0rd%27%2F%2B%26x%3Cy%3E",
      "cEBzcyAidzByZCcvKyZ4PHk-",
      #"p@ss "w0rd'\''/+&x<y>"#,
    ])
  func `a secret is masked in each form in which tools repeat it`(form: String) {
    let redactor = Redactor(secrets: [Secret(secret)])
    #expect(redactor.redact("before \(form) after") == "before \(Secret.mask) after")
  }

  @Test(arguments: 0..<6)
  func `a secret is masked inside any base64`(offset: Int) {
    let plain = String(repeating: "u", count: offset) + "long-enough-secret" + "tail"
    let redactor = Redactor(secrets: [Secret("long-enough-secret")])
    let masked = redactor.redact(base64(plain))
    #expect(masked.contains(Secret.mask), "\(base64(plain)) became \(masked)")
  }

  @Test func `a secret of several lines is masked line by line`() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nshort\n-----END KEY-----"
    let redactor = Redactor(secrets: [Secret(key)])
    #expect(redactor.redact("MIIEvQIBADANBg") == Secret.mask)
    #expect(redactor.redact("short") == "short")
  }

  @Test func `a longer secret wins over one that it contains`() {
    let redactor = Redactor(secrets: [Secret("token"), Secret("token-extended")])
    #expect(redactor.redact("[token-extended] [token]") == "[\(Secret.mask)] [\(Secret.mask)]")
  }

  @Test func `very short values are left alone`() {
    #expect(Redactor(secrets: [Secret("abc"), Secret("")]).redact("abc") == "abc")
  }

  @Test func `documents are masked in keys, texts and numbers`() {
    let redactor = Redactor(secrets: [Secret("12345678"), Secret("hunter22")])
    let value: JSONValue = ["hunter22": [12_345_678, "x hunter22", 7]]
    let masked: JSONValue = [
      Secret.mask: [.string(Secret.mask), .string("x \(Secret.mask)"), 7]
    ]
    #expect(redactor.redact(value) == masked)
  }

  private func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bits = text.utf8.map { String($0, radix: 2) }
      .map { String(repeating: "0", count: 8 - $0.count) + $0 }.joined()
    while bits.count % 6 != 0 { bits += "0" }
    var encoded = ""
    var rest = bits[...]
    while !rest.isEmpty {
      encoded.append(alphabet[Int(rest.prefix(6), radix: 2) ?? 0])
      rest = rest.dropFirst(6)
    }
    return encoded
  }
}

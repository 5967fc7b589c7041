import Digests
import Testing

@Suite struct DigestsTests {
  @Test func `SHA-256 agrees with its published examples`() {
    #expect(
      SHA256.digest(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    #expect(
      SHA256.digest(of: [] as [UInt8])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func `base64 agrees with its published examples`(text: String, encoded: String) {
    #expect(Base64.text(text.utf8) == encoded)
  }

  @Test func `a fingerprint follows the secret and the salt and stays in range`() {
    let one = Fingerprint.revision(of: "secret", salt: "a")
    #expect(one == Fingerprint.revision(of: "secret", salt: "a"))
    #expect(one != Fingerprint.revision(of: "secret2", salt: "a"))
    #expect(one != Fingerprint.revision(of: "secret", salt: "b"))
    #expect((1...2_147_483_647).contains(one))
    #expect((1...2_147_483_647).contains(Fingerprint.revision(of: "", salt: "")))
  }

  @Test func `tokens differ`() { #expect(RandomToken.make() != RandomToken.make()) }
}

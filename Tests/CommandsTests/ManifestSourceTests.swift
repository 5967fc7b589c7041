import Testing

@testable import Commands

@Suite struct ManifestSourceTests {
  @Test func `values below a key named secrets are covered, others are not`() {
    let text = """
      spec:
        env:
          variables: {A: shown}
          secrets:
            PASSWORD: hidden1
            KEY:
              value: hidden2
            MULTI: |
              hidden3

              hidden4
          after: shown
        more:
          - secrets: {B: hidden5}
            next: shown
        env2: {note: "no secrets", secrets : {A: hidden6}}
        last: shown
      """
    let covered = ManifestSource.covered(text)
    for number in 1...6 { #expect(!covered.contains("hidden\(number)"), "\(covered)") }
    #expect(covered.split(separator: "\n").filter { $0.contains("shown") }.count == 4)
    #expect(covered.split(separator: "\n", omittingEmptySubsequences: false).count == 17)
    #expect(covered.contains("      PASSWORD: (sensitive)"))
  }

  @Test func `entries of a secrets group are covered`() {
    let text = """
      kind: SecretsGroup
      metadata: {name: shown}
      spec:
        entries:
        - name: key
          value: hidden1
        - {name: other, value: hidden2}
      """
    let covered = ManifestSource.covered(text)
    for number in 1...2 { #expect(!covered.contains("hidden\(number)"), "\(covered)") }
    #expect(covered.contains("shown"))
    #expect(ManifestSource.covered("spec:\n  entries:\n    - value: shown").contains("shown"))
  }
}

import Testing

@testable import Platforms

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("web", "web"), ("a/b", "a%2Fb"), ("app=web,tier in (x)", "app%3Dweb%2Ctier%20in%20%28x%29"),
    ("ü\n", "%C3%BC%0A"), ("..", ".."), ("-_.~", "-_.~"),
  ])
  func `all but the unreserved characters are escaped`(text: String, encoded: String) {
    #expect(PercentEncoding.component(text) == encoded)
  }
}

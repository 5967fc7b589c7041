import Testing

@testable import Manifests

struct K8sFormsTests {
  private static let long = String(repeating: "a", count: 63)

  @Test(arguments: ["a", "0", "my-service", "a-0", long])
  func `a DNS label`(text: String) { #expect(text.isDNSLabel) }

  @Test(arguments: ["", "-a", "a-", "A", "a_b", "a.b", "é", "\(long)a", "a\n"])
  func `no DNS label`(text: String) { #expect(!text.isDNSLabel) }

  @Test func `a Service's name begins with a letter`() {
    #expect("web".isServiceName)
    #expect(!"1web".isServiceName)
  }

  @Test(arguments: [
    ("a.b", true), ("a", true), ("a..b", false), (".a", false), ("a.", false), ("a.B", false),
  ])
  func `DNS names`(text: String, isLegal: Bool) { #expect(text.isDNSName == isLegal) }

  @Test(arguments: [
    ("team", true), ("app.kubernetes.io/name", true), ("A_b.c-d", true), ("0", true), ("a/b/c", false),
    ("/a", false), ("a/", false), ("Example.com/a", false), ("-a", false), ("a b", false), ("", false),
    (long, true), ("\(long)a", false), ("example.com/\(long)", true),
  ])
  func `keys of labels`(text: String, isLegal: Bool) { #expect(text.isLabelKey == isLegal) }

  @Test(arguments: [
    ("", true), ("main", true), ("v1.2_3-rc", true), ("dev-*", false), ("feature/cart", false), ("a-", false),
    ("_a", false), ("\(long)a", false), ("a b", false),
  ])
  func `values of labels`(text: String, isLegal: Bool) { #expect(text.isLabelValue == isLegal) }

  @Test(arguments: [
    ("http", true), ("grpc-api", true), ("8080", false), ("a--b", false), ("-a", false), ("http-", false),
    ("HTTP", false), ("a23456789012345", true), ("a234567890123456", false), ("8a", true),
  ])
  func `names of ports`(text: String, isLegal: Bool) { #expect(text.isPortName == isLegal) }

  @Test(arguments: [
    ("1", true), ("25%", true), ("0%", true), ("", false), ("%", false), ("-1", false), ("1.5", false),
    ("a", false), ("1%%", false),
  ])
  func `numbers and percentages`(text: String, isLegal: Bool) {
    #expect(text.isNumberOrPercentage == isLegal)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.9.0.0/16", true), ("10.0.0.0/8", "11.0.0.0/8", false),
    ("0.0.0.0/0", "1.2.3.4/32", true),
    ("10.0.0.0/16", "10.0.0.0/8", false), ("2001:db8::/32", "2001:db8:1::/48", true),
    ("2001:db8::/32", "2001:db9::/32", false), ("::/0", "::1/128", true), ("::/0", "10.0.0.0/8", false),
    ("1:2:3:4:5:6:7:8/127", "1:2:3:4:5:6:7:9/128", true), ("10.0.0.0/9", "10.128.0.0/9", false),
  ])
  func `ranges within ranges`(outer: String, inner: String, isWithin: Bool) throws {
    #expect(try #require(CIDRRange(outer)).contains(#require(CIDRRange(inner))) == isWithin)
  }

  @Test(arguments: [
    ("my-service", "dev", "my-service-dev"), ("my-service", nil, "my-service"),
    ("my-service-dev", "dev", "my-service-dev"), ("web", "app-prod", "web-app-prod"),
    ("web", "Feature/Cart", "web-feature-cart"), ("web", "dev-", "web-dev"), ("web", "***", "web"),
    ("web", "", "web"),
  ])
  func `a name with its environment`(name: String, env: String?, qualified: String) {
    #expect(K8sNames(name: name, environment: env).qualified == qualified)
  }

  @Test(arguments: [
    ("nginx", "nginx", nil, nil), ("nginx:1.27", "nginx", "1.27", nil),
    ("localhost:5000/web", "localhost:5000/web", nil, nil),
    ("localhost:5000/web:2", "localhost:5000/web", "2", nil), ("web@sha256:0", "web", nil, "sha256:0"),
    ("web:1@sha256:0", "web", "1", "sha256:0"),
  ])
  func `an image's parts`(text: String, repository: String, tag: String?, digest: String?) throws {
    let spec = "container: {app: {image: \"\(text)\"}}"
    let view = try K8sFixtures.manifest(spec: spec).spec["container"]?["app"]?["image"]
    let image = K8sImage(view)
    #expect(image.repository == repository)
    #expect(image.tag == tag)
    #expect(image.digest == digest)
    #expect(image.reference == text)
  }
}

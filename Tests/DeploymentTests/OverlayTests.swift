import Deployment
import Testing

@Suite("An overlay")
struct OverlayTests {
  @Test("is local by its folder's name alone")
  func local() {
    #expect(Overlay(name: "local", path: "a/local").isLocal)
    #expect(!Overlay(name: "Local", path: "a/Local").isLocal)
  }
}

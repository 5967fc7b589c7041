import Testing

@testable import Platforms

@Suite struct XMLElementTests {
  @Test func `elements, texts and lists are read`() throws {
    let text = """
      <?xml version='1.0'?>
      <!-- a > comment -->
      <R xmlns="u">
        <Names><member>a &amp; b</member><member>&#x41;&lt;</member></Names>
        <Empty/>
        <Deep><Name>x</Name></Deep>
      </R>
      """
    let root = try #require(XMLElement(parsing: Array(text.utf8)))
    #expect(root.name == "R")
    #expect(root.members("Names").map(\.text) == ["a & b", "A<"])
    #expect(root["Empty"]?.text == "")
    #expect(root.find("Name")?.text == "x")
    #expect(root.find("None") == nil)
  }

  @Test(arguments: ["", "no", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a><a/>", "<a><!-- </a>", "{\"a\": 1}"])
  func `what is no document is nothing`(text: String) {
    #expect(XMLElement(parsing: Array(text.utf8)) == nil)
  }

  @Test func `a nesting without end is refused`() {
    let text = String(repeating: "<a>", count: 5000) + String(repeating: "</a>", count: 5000)
    #expect(XMLElement(parsing: Array(text.utf8)) == nil)
  }
}

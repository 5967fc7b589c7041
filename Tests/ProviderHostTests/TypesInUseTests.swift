import ProviderHost
import Testing

@Suite("Types in use")
struct TypesInUseTests {
  @Test(
    "A type is found wherever it may stand",
    arguments: [
      #"resource "aws_ecs_cluster" "this" {}"#,
      "output \"x\" { value = aws_ecs_cluster.this.arn }",
      "value = -aws_ecs_cluster.this.count",
      "value = 3-aws_ecs_cluster.this.count",
      "value = \"${aws_ecs_cluster.this.arn}\"",
      #"{"resource":{"aws_ecs_cluster":{"this":{}}}}"#,
      #"{"resource":{"aws\u005fecs_clust\u0065r":{"this":{}}}}"#,
      #"{"resources":[{"mode":"managed","type":"aws_ecs_cluster"}]}"#,
      "import {\n to=aws_ecs_cluster.this\n}",
      "removed { from = module.a.aws_ecs_cluster.this }",
      "aws_ecs_cluster",
      "ü aws_ecs_cluster",
      "a = \"\\naws_x\"\nb = aws_ecs_cluster.a",
    ]
  )
  func found(text: String) {
    #expect(TypesInUse.words(in: [Array(text.utf8)]).contains("aws_ecs_cluster"))
  }

  @Test("Types whose name is one word are found as well")
  func oneWord() {
    #expect(TypesInUse.words(in: [Array(#"data "http" "x" {}"#.utf8)]).isSuperset(of: ["http", "data", "x"]))
  }

  @Test("Words of several texts come together, and none is made of two texts")
  func texts() {
    #expect(TypesInUse.words(in: [Array("aws_a".utf8), Array("aws_b".utf8), []]) == ["aws_a", "aws_b"])
  }

  @Test(
    "A text that ends in an escape is read to its end",
    arguments: ["a\\", "a\\u", "a\\u00", "\\", "\\u005f"]
  )
  func cutOff(text: String) {
    #expect(TypesInUse.words(in: [Array(text.utf8)]).count == 1 - (text == "\\" ? 1 : 0))
  }
}

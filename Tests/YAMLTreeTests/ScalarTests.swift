import StackModel
import Testing
import YAMLTree

struct ScalarTests {
  @Test(arguments: [
    ("", Scalar.Value.null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null),
    ("nULL", .string("nULL")),
    ("true", .bool(true)), ("True", .bool(true)), ("FALSE", .bool(false)), ("tRue", .string("tRue")),
    ("yes", .string("yes")), ("no", .string("no")), ("on", .string("on")), ("off", .string("off")),
    ("y", .string("y")), ("n", .string("n")),
    ("0", .int(0)), ("-0", .int(0)), ("12", .int(12)), ("+12", .int(12)), ("-7", .int(-7)), ("012", .int(12)),
    ("0o14", .int(12)), ("0o8", .string("0o8")), ("0x1F", .int(31)), ("0xg", .string("0xg")),
    ("0x-1", .string("0x-1")), ("-0x1", .string("-0x1")), ("0b11", .string("0b11")),
    ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
    ("9223372036854775808", .float(9_223_372_036_854_775_808)),
    ("1.5", .float(1.5)), ("1.", .float(1)), (".5", .float(0.5)), ("-.5", .float(-0.5)),
    ("1e3", .float(1000)),
    ("1E-2", .float(0.01)), ("1e", .string("1e")), (".", .string(".")), ("-", .string("-")),
    ("+", .string("+")),
    ("1e3x", .string("1e3x")), ("1.2.3", .string("1.2.3")), (".inf", .float(.infinity)),
    ("-.INF", .float(-.infinity)), ("+.Inf", .float(.infinity)), ("inf", .string("inf")),
    (".e3", .string(".e3")),
    ("1_000", .string("1_000")), ("12:30", .string("12:30")), ("2024-01-31", .string("2024-01-31")),
    ("1.2.3.4", .string("1.2.3.4")), ("١٢", .string("١٢")), ("trueish", .string("trueish")),
  ])
  func `a plain scalar is read by the core schema of YAML 1_2`(text: String, value: Scalar.Value) {
    #expect(Scalar(plain: text).value == value)
  }

  @Test func `a plain scalar in a document is read the same way`() {
    let flow = YAMLReader.read(Array("[yes, 012, 1e3, ~, 'true', \"7\"]".utf8), file: "f").documents.first
    #expect(
      flow?.list?.compactMap(\.scalar?.value) == [
        .string("yes"), .int(12), .float(1000), .null, .string("true"), .string("7"),
      ]
    )
  }

  @Test(arguments: [
    (".nan", #"".nan""#), ("1.50", "1.50"), (".5", "0.5"), ("1.", "1.0"), ("012", "12"), ("0x1F", "31"),
    ("+3", "3"), ("~", "null"), ("1e3", "1e3"), ("text", #""text""#), ("True", "true"),
  ])
  func `a scalar as JSON keeps its digits where JSON allows them`(text: String, json: String) {
    #expect(Scalar(plain: text).json.text() == json)
  }
}

/// A single value: its source text and what YAML 1.2 says it means.
package struct Scalar: Sendable, Hashable {
  /// The text as written, after quotes, escapes and line folding are undone.
  package var text: String
  /// Written without quotes and not as a block, so that the text decides the type.
  package var isPlain: Bool
  package var value: Value

  package enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
  }

  package init(text: String, isPlain: Bool, value: Value) {
    self.text = text
    self.isPlain = isPlain
    self.value = value
  }

  package init(string: String) {
    self.init(text: string, isPlain: false, value: .string(string))
  }

  /// A plain scalar, its type decided by the YAML 1.2 core schema.
  package init(plain text: String) {
    self.init(text: text, isPlain: true, value: CoreSchema.resolve(text))
  }
}

extension Scalar.Value {
  package var kindName: String {
    switch self {
    case .null: "nothing"
    case .bool: "true or false"
    case .int: "a whole number"
    case .float: "a number"
    case .string: "text"
    }
  }
}

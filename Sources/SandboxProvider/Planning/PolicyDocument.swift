import PluginWire
import TerraformPlugin

/// An IAM policy as the provider keeps it.
enum PolicyDocument {
  private static let version = #""Version":"2012-10-17""#

  /// The version first. Only the text of `jsonencode` is known, which sorts its keys and so has the
  /// version last; any other text stays as it is.
  static func stored(_ value: Value) -> Value {
    let end = ",\(version)}"
    guard let text = value.string, text.hasPrefix("{"), text.hasSuffix(end) else { return value }
    return .string("{\(version),\(text.dropFirst().dropLast(end.count))}")
  }
}

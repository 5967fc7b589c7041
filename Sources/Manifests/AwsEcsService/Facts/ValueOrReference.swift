import YAMLTree

/// Fields that take a string or `{value: ...}`. `{valueFrom: ...}` is refused by `ecs.reference`; all other
/// rules then read the field as given but unknown.
extension DecodingView {
  /// The string itself with its place.
  var valueView: DecodingView { self["value"] ?? self }

  /// The string; nil for a reference.
  var value: String? { valueView.string }

  /// The strings of a list of such fields; references are left out.
  func values(_ key: String) -> [String] { self[key]?.list?.compactMap(\.value) ?? [] }

  func value(_ key: String) -> String? { self[key]?.value }
}

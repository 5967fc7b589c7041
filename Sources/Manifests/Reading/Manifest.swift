package import References
package import StackModel
package import YAMLTree

/// One checked document: what a user wants to exist.
package struct Manifest: Sendable {
  /// The file as the user named it, or `<stdin>`.
  package var file: String
  package var kind: KindDefinition
  package var apiVersion: String
  package var name: String
  package var org: String?
  package var env: String?
  package var labels: [String: String]
  /// The whole document, checked and with defaults filled in.
  package var tree: YAMLNode
  /// Where the document begins.
  package var location: SourceLocation
  /// What stands behind references into groups, by the path of the field; empty until it was looked up.
  package var references: [FieldPath: ReferenceValue] = [:]

  /// The whole document for reading by field.
  package var view: DecodingView { DecodingView(tree) }

  /// The `spec` for reading by field; an empty map when there is none.
  package var spec: DecodingView {
    view["spec"]
      ?? DecodingView(
        YAMLNode(.mapping(YAMLMapping()), at: location),
        path: FieldPath(keys: "spec")
      )
  }
}

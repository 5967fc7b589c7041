import References
import StackModel
import YAMLTree

/// A kind that is defined by its folder alone.
package enum GenericKind {
  /// The `spec`, checked, with its schema's defaults and with values in the place of references, is the normal
  /// form.
  package static func normalize(_ manifest: Manifest) -> NormalFormResult {
    var tree = manifest.tree
    var diagnostics: [Diagnostic] = []
    for text in manifest.referenceTexts where text.place != .none {
      if text.reference == nil {
        diagnostics.append(
          .error(
            "reference.form",
            "a reference has a group and an entry",
            at: text.location,
            path: text.path.description,
            hint: "write `$variables-group/<group>/<entry>`"
          )
        )
      } else if text.reference?.kind == .secrets {
        diagnostics.append(
          .error(
            "reference.secret",
            "\(manifest.kind.kind) keeps no secrets: the value would be in plan and state",
            at: text.location,
            path: text.path.description,
            hint: "take it from a variables group, if it is none"
          )
        )
      } else if let value = manifest.references[text.path] {
        // The path was found in this very tree.
        try? tree.set(path: text.path, to: YAMLNode(text: value.text, at: text.location))
      }
    }
    if diagnostics.hasErrors { return NormalFormResult(values: .null, diagnostics: diagnostics) }
    var resolved = manifest
    resolved.tree = tree
    return NormalFormResult(values: resolved.spec.json)
  }
}

import StackModel
import YAMLTree

/// Patches that apply to nothing. kustomize passes over a patch whose target it does not find, and with it what
/// an environment was to have.
enum PatchTargets {
  /// - Parameter file: the overlay's kustomization.yaml.
  static func problems(in file: String, of manifest: YAMLNode) -> [Diagnostic] {
    guard let root = YAMLReader.readFile(file).documents.first else { return [] }
    let isRenamed = ["namePrefix", "nameSuffix"].contains { root[$0] != nil }
    return (root["patches"]?.list ?? []).compactMap { patch in
      guard let target = patch["target"] else { return nil }
      for (key, found) in [("kind", manifest["kind"]), ("name", manifest["metadata"]?["name"])] {
        guard let node = target[key], let wanted = node.string, let found = found?.string,
          isPlain(wanted), wanted != found, key == "kind" || !isRenamed
        else { continue }
        return .error(
          "overlay.patch-target",
          "the patch applies to nothing: its target has the \(key) `\(wanted)`, the manifest `\(found)`",
          at: node.location,
          path: "patches",
          hint: "kustomize passes over such a patch; correct its target or remove it"
        )
      }
      return nil
    }
  }

  /// A target is a regular expression; only one without special characters is compared here.
  private static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" }
  }
}

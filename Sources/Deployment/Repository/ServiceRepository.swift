/// A service's `_kustomize` folder: a base, and one overlay for each place it is deployed to.
package struct ServiceRepository: Sendable {
  /// The `_kustomize` folder, beginning as the user gave it.
  package var folder: String
  /// The names of the folders below `overlays/`, sorted by their bytes.
  package var overlayNames: [String]

  package init(folder: String, overlayNames: [String]) {
    self.folder = folder
    self.overlayNames = overlayNames
  }

  package func path(of overlay: String) -> String { "\(folder)/overlays/\(overlay)" }
}

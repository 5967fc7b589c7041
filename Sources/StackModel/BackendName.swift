/// The engines' backends that a stack may keep its state in. `pulumi` is Pulumi's alone, by its URL.
package enum BackendName: String, Sendable, CaseIterable {
  case local, http, s3, gcs, azurerm, pg, kubernetes, pulumi

  package static let all = allCases.map(\.rawValue)
}

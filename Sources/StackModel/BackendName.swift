/// The engines' backends that a stack may keep its state in.
package enum BackendName: String, Sendable, CaseIterable {
  case local, http, s3, gcs, azurerm, pg, kubernetes

  package static let all = allCases.map(\.rawValue)
}

import CurlHTTP
import LocalFiles
package import Platforms
package import References
package import StackModel

/// A key/value store, version 2, of HashiCorp Vault or OpenBao: <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2>.
package struct VaultSource: ReferenceSource {
  package struct Store: Sendable {
    /// For example `https://vault.example.com:8200`.
    package var address: String
    package var mount: String
    /// Of the secret below the mount, with placeholders.
    package var path: String
    /// In the secret, with placeholders.
    package var key: String
    package var namespace: String?

    package init(address: String, mount: String, path: String, key: String, namespace: String?) {
      self.address = address
      self.mount = mount
      self.path = path
      self.key = key
      self.namespace = namespace
    }
  }

  package let name: String
  package let kinds: Set<GroupKind>
  private let store: Store
  private let tokenFile: String?
  private let token: Secret?
  private let timeoutSeconds: Int
  private let transport: HTTPTransport

  /// - Parameters:
  ///   - tokenFile: comes before `token`; read at each call.
  ///   - token: of `VAULT_TOKEN`.
  package init(
    name: String,
    kinds: Set<GroupKind>,
    store: Store,
    tokenFile: String?,
    token: Secret?,
    timeoutSeconds: Int,
    transport: @escaping HTTPTransport
  ) {
    self.name = name
    self.kinds = kinds
    self.store = store
    self.tokenFile = tokenFile
    self.token = token
    self.timeoutSeconds = timeoutSeconds
    self.transport = transport
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    guard let token = tokenFile.flatMap({ LocalFiles.text($0)?.withoutFinalNewline }) ?? token?.reveal()
    else {
      return .failed(
        SourceFailure(
          .credentials,
          tokenFile.map { "the token file \($0) cannot be read" } ?? "there is no token",
          hint: "set VAULT_TOKEN, or `tokenFile` of the source"
        )
      )
    }
    var headers = ["X-Vault-Token: \(token)", "X-Vault-Request: true"]
    if let namespace = store.namespace { headers.append("X-Vault-Namespace: \(namespace)") }
    let base = store.address.hasSuffix("/") ? String(store.address.dropLast()) : store.address
    // Slashes of a path separate its parts; those of names are escaped.
    let path = Placeholders(text: store.path).filled(reference, escape: PercentEncoding.component)
    let call = HTTPCall(
      url: "\(base)/v1/\(store.mount)/data/\(path)",
      headers: headers,
      timeoutSeconds: timeoutSeconds
    )
    switch HTTPAnswer.ask(call, transport) {
    case .failure(let failure): return .failed(failure)
    case .success(nil): return .missing(known: [])
    case .success(let body?):
      guard let data = try? JSONValue(parsing: body)["data"]?["data"]?.object else {
        return .failed(
          SourceFailure(
            .refused,
            "the answer is not that of a key/value store of version 2",
            hint: "check `mount` and the version of the store"
          )
        )
      }
      return .member(Placeholders(text: store.key).filled(reference), of: data, group: reference.group)
    }
  }
}

import Engines
import JobRunner
import StackModel

/// What Pulumi sees of our environment for the sake of its backend and its secrets provider.
enum PulumiBackendEnvironment {
  static func names(_ state: PulumiState) -> [String] {
    let schemes = [state.backend.url, state.secretsProvider].map { $0.prefix { $0 != ":" } }
    return schemes.flatMap { scheme -> [String] in
      switch scheme {
      case "s3", "awskms": BackendType.environment("s3")
      case "gs", "gcpkms": BackendType.environment("gcs")
      case "azblob", "azurekeyvault": BackendType.environment("azurerm")
      case "postgres": BackendType.environment("pg")
      case "hashivault": ["VAULT_*"]
      case "http", "https": ["PULUMI_ACCESS_TOKEN"]
      default: []
      }
    }
  }

  /// What of these must not be shown.
  static func secrets(_ state: PulumiState, in environment: [String: String]) -> [Secret] {
    let types = ["s3", "gcs", "azurerm", "pg"].flatMap(BackendType.secrets)
    let passed =
      types + ["VAULT_TOKEN", "PULUMI_ACCESS_TOKEN", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN"]
    let values = passed.compactMap { environment[$0].flatMap { $0.isEmpty ? nil : Secret($0) } }
    return values + [state.passphrase, password(in: state.backend.url)].compactMap(\.self)
  }

  /// The password in `scheme://user:password@host`.
  static func password(in url: String) -> Secret? {
    guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
    let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
      return nil
    }
    let password = authority[authority.index(after: colon)..<at]
    return password.isEmpty ? nil : Secret(String(password))
  }
}

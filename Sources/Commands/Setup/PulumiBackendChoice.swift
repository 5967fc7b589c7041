import Engines
import JobRunner
import Manifests
import StackModel

/// Decides who keeps a stack's state for Pulumi, by the same labels and rules as for Terraform.
struct PulumiBackendChoice {
  let stack: StackID
  let session: Session

  private static let labelGroups = ["pulumi.planton.dev", "pulumi.project-planton.org"]

  private var folder: StackFolder { StackFolder(home: session.locations.stateHome, stack: stack) }

  private struct Named {
    var url: String
    var organization: String?
    var secretsProvider: String?
    var location: SourceLocation?
  }

  func choose(_ manifest: Manifest) -> Result<StateBackend, DiagnosticFailure> {
    named(manifest).flatMap { named in
      guard let named else { return managed() }
      guard let backend = PulumiBackend(named.url) else {
        return .failure(
          problem(
            "`\(named.url.prefix { $0 != "?" })` is no backend of Pulumi",
            at: named.location,
            hint: "begin with one of \(PulumiBackend.schemes.map { "\($0)://" }.joined(separator: ", "))"
          )
        )
      }
      return state(backend, named)
    }
  }

  private func managed() -> Result<StateBackend, DiagnosticFailure> {
    let path = folder.pulumiBackend
    guard let backend = PulumiBackend("file://\(path)") else {
      return .failure(problem("the state home's path cannot be a backend: \(path)", at: nil, hint: nil))
    }
    return state(backend, Named(url: backend.url), isManaged: true)
  }

  private func state(
    _ backend: PulumiBackend,
    _ named: Named,
    isManaged: Bool = false
  ) -> Result<StateBackend, DiagnosticFailure> {
    let provider =
      named.secretsProvider ?? session.settings.pulumi.secretsProvider
      ?? (backend.isService ? "default" : "passphrase")
    guard PulumiSettings.isSecretsProvider(provider) else {
      return .failure(
        problem(
          "`\(provider)` keeps no secrets for Pulumi",
          at: named.location,
          hint: "passphrase, default, or a URL of \(PulumiSettings.secretsProviders.joined(separator: ", "))"
        )
      )
    }
    var state = PulumiState(
      backend: backend,
      isManaged: isManaged,
      organization: named.organization,
      secretsProvider: provider
    )
    guard provider == "passphrase" else { return .success(.pulumi(state)) }
    return PulumiPassphrase(
      settings: session.settings.pulumi,
      environment: session.environment,
      stateHome: session.locations.stateHome
    ).read(managed: isManaged ? folder : nil, at: named.location).map { passphrase in
      state.passphrase = passphrase
      return .pulumi(state)
    }
  }

  private func named(_ manifest: Manifest) -> Result<Named?, DiagnosticFailure> {
    if let group = Self.labelGroups.first(where: { manifest.labels["\($0)/backend.url"] != nil }) {
      return .success(
        Named(
          url: manifest.labels["\(group)/backend.url"] ?? "",
          organization: manifest.labels["\(group)/organization"],
          location: manifest.location
        )
      )
    }
    return BackendChoice(stack: stack, settings: session.settings, stateHome: session.locations.stateHome)
      .named(manifest).flatMap { found in
        guard let found else { return .success(nil) }
        return Self.url(found.type, found.configuration).map { url in
          Named(
            url: url,
            organization: found.configuration["organization"]?.string,
            secretsProvider: found.configuration["secretsProvider"]?.string,
            location: found.location
          )
        }.map { .success($0) }
          ?? .failure(
            problem(
              "Pulumi keeps no state in a backend `\(found.type)` with this configuration",
              at: found.location,
              hint: "type `pulumi` with a `url`; or s3, gcs, azurerm, pg, local as docs/settings.md has it"
            )
          )
      }
  }

  /// Terraform's configuration of a backend as the address of the same place. Pulumi has folders of its own for
  /// each stack below it.
  static func url(_ type: String, _ configuration: JSONValue) -> String? {
    func text(_ name: String) -> String? { configuration[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    switch type {
    case "pulumi": return text("url")
    case "local": return text("path").flatMap { $0.hasPrefix("/") ? "file://\($0)" : nil }
    case "s3":
      let endpoint = text("endpoint") ?? configuration["endpoints"]?["s3"]?.string
      return text("bucket").map { bucket in
        address(
          "s3",
          bucket,
          text("key") ?? text("prefix"),
          [
            ("region", text("region")), ("profile", text("profile")), ("endpoint", endpoint),
            ("s3ForcePathStyle", endpoint.map { _ in "true" }),
          ]
        )
      }
    case "gcs": return text("bucket").map { address("gs", $0, text("prefix"), []) }
    case "azurerm":
      return text("container_name").map {
        address(
          "azblob",
          $0,
          text("key") ?? text("prefix"),
          [("storage_account", text("storage_account_name"))]
        )
      }
    case "pg":
      guard let connection = text("conn_str"), connection.hasPrefix("postgres://") else { return nil }
      return connection
    default: return nil
    }
  }

  private static func address(
    _ scheme: String,
    _ host: String,
    _ path: String?,
    _ query: [(String, String?)]
  ) -> String {
    let pairs = query.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
    let place = path.map { "/" + $0.drop { $0 == "/" } } ?? ""
    return "\(scheme)://\(host)\(place)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  private static func escaped(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: ":"):
        String(UnicodeScalar(byte))
      default: "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
      }
    }.joined()
  }

  private func problem(_ message: String, at location: SourceLocation?, hint: String?) -> DiagnosticFailure {
    DiagnosticFailure(.error("backend.pulumi", message, at: location, hint: hint))
  }
}

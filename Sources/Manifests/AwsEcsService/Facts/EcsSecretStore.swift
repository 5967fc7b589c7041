import Digests
import References
import StackModel
import YAMLTree

/// The secrets that are created for a service, where they are kept, and what they hold.
struct EcsSecretStore: Sendable {
  /// A secret to create.
  struct Entry: Sendable {
    /// `<container>/<environment name>`: what it goes by in the module.
    let key: String
    /// Its name in the store.
    let name: String
    let container: String
    let secret: EcsSecret
    /// Nil when it is not looked up, or not there.
    let value: Secret?
  }

  let isSSM: Bool
  let kmsKeyARN: String?
  let recoveryWindowDays: Int
  let entries: [Entry]

  /// The most bytes that the store takes for one secret.
  var sizeLimit: Int { isSSM ? 4096 : 65536 }

  init(_ spec: DecodingView, names: EcsNames, containers: [EcsContainer], inputs: NormalFormInputs) {
    let block = spec["secretStore"]
    let isSSM = block?["type"]?.string == "SSM"
    self.isSSM = isSSM
    kmsKeyARN = block?.value("kmsKeyArn")
    recoveryWindowDays = block?["recoveryWindowDays"]?.int ?? 0
    entries = containers.flatMap { container in
      container.secrets.filter(\.isCreated).map { secret in
        let key = "\(container.name)/\(secret.name)"
        return Entry(
          key: key,
          name: "\(isSSM ? "/" : "")\(names.qualified)/\(key)",
          container: container.name,
          secret: secret,
          value: Self.value(of: secret, inputs)
        )
      }
    }
  }

  private static func value(of secret: EcsSecret, _ inputs: NormalFormInputs) -> Secret? {
    switch secret.source {
    case .value(let text): Secret(text)
    case .group(let value): value?.asSecret
    case .environment(let name): inputs.resolvesSecrets ? inputs.environment(name).map(Secret.init) : nil
    case .given, .wrongARN, .unknown: nil
    }
  }
}

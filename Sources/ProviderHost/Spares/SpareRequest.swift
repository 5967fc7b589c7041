import StackModel

/// What a spare is started from, and what one has to be equal in to be taken.
///
/// Terraform's own variables are not in it: they hold the tokens and secrets of one job.
struct SpareRequest: Sendable, Hashable {
  var executable: String
  /// See ``HostedProvider/identity``.
  var identity: String
  var environment: [String: String]

  init(_ launch: ProviderLaunch) {
    executable = launch.executable
    identity = launch.identity
    environment = launch.ownEnvironment
  }

  init?(json: JSONValue) {
    guard let executable = json["executable"]?.string, let identity = json["identity"]?.string,
      let environment = json["environment"]?.object
    else { return nil }
    self.executable = executable
    self.identity = identity
    self.environment = Dictionary(environment.compactMap { name, value in value.string.map { (name, $0) } }) {
      $1
    }
  }

  var json: JSONValue {
    [
      "executable": .string(executable), "identity": .string(identity),
      "environment": .object(JSONObject(environment.map { ($0.key, .string($0.value)) })),
    ]
  }

  func launch(in folder: String) -> ProviderLaunch {
    ProviderLaunch(
      executable: executable,
      identity: identity,
      environment: environment,
      workingDirectory: folder
    )
  }
}

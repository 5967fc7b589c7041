import CurlHTTP
import LocalFiles
import Platforms
import StackModel
import ToolProcess

/// AWS as the environment and the profiles of this machine give it.
struct AWSSetup {
  let environment: [String: String]
  let home: String

  func client(region wanted: String?) -> Result<AWSClient, DiagnosticFailure> {
    let profiles = AWSProfiles(
      credentials: LocalFiles.text(value("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials"),
      config: LocalFiles.text(value("AWS_CONFIG_FILE") ?? "\(home)/.aws/config")
    )
    let profile = profiles[value("AWS_PROFILE") ?? "default"]
    guard
      let region = wanted ?? value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? profile?["region"]
    else {
      return .failure(
        DiagnosticFailure(
          .error(
            "status.region",
            "no AWS region is named",
            hint: "set `region` in the manifest, or AWS_REGION"
          )
        )
      )
    }
    let source: AWSCredentialSource
    do throws(PlatformFailure) {
      source = try AWSCredentialSource.choose(environment: environment, profiles: profiles)
    } catch {
      return .failure(DiagnosticFailure(error.diagnostic))
    }
    let endpoints = AWSEndpoints(region: region, environment: environment)
    let transport: HTTPTransport = { call in Result { () throws(HTTPCall.Failure) in try call.perform() } }
    return .success(
      AWSClient(
        endpoints: endpoints,
        source: source,
        chain: AWSCredentialChain(
          endpoints: endpoints,
          environment: EnvironmentPolicy(allowed: EnvironmentPolicy.basics + ["AWS_*"], reserved: [])
            .select(from: environment).variables,
          transport: transport
        ),
        certificates: value("AWS_CA_BUNDLE"),
        transport: transport
      )
    )
  }

  private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}

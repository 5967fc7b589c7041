import CurlHTTP
import StackModel

/// Asks AWS who we are, which tells whether the credentials work.
enum AWSIdentity {
  /// How the credentials of an environment are given, as far as that can be told without using them.
  enum Source: Equatable {
    case keys
    case profile(String)
    case webIdentity
    case container
    case none
  }

  static func source(_ environment: [String: String]) -> Source {
    if environment["AWS_ACCESS_KEY_ID"] != nil, environment["AWS_SECRET_ACCESS_KEY"] != nil { return .keys }
    if environment["AWS_WEB_IDENTITY_TOKEN_FILE"] != nil { return .webIdentity }
    if environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] != nil
      || environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] != nil
    {
      return .container
    }
    if let profile = environment["AWS_PROFILE"] { return .profile(profile) }
    return .none
  }

  static func check(_ environment: [String: String]) -> DoctorCheck {
    let name = "AWS credentials"
    switch source(environment) {
    case .none:
      return DoctorCheck(
        name,
        .notice,
        "none in the environment",
        advice:
          "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; an instance's own role also works"
      )
    case .profile(let profile): return DoctorCheck(name, .notice, "profile \(profile), not tried")
    case .webIdentity: return DoctorCheck(name, .notice, "a web identity token, not tried")
    case .container: return DoctorCheck(name, .notice, "the container's role, not tried")
    case .keys: return ask(name, environment)
    }
  }

  private static func ask(_ name: String, _ environment: [String: String]) -> DoctorCheck {
    let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1"
    let endpoint =
      environment["AWS_ENDPOINT_URL_STS"] ?? environment["AWS_ENDPOINT_URL"]
      ?? "https://sts.\(region).amazonaws.com"
    let call = HTTPCall(
      url: endpoint + "/",
      method: "POST",
      headers: [
        "Accept: application/json", "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
      ],
      body: "Action=GetCallerIdentity&Version=2011-06-15",
      signature: HTTPCall.AWSSignature(
        accessKeyID: environment["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: Secret(environment["AWS_SECRET_ACCESS_KEY"] ?? ""),
        sessionToken: environment["AWS_SESSION_TOKEN"].map(Secret.init),
        region: region,
        service: "sts"
      ),
      certificates: environment["AWS_CA_BUNDLE"]
    )
    do throws(HTTPCall.Failure) {
      let reply = try call.perform()
      let text = String(decoding: reply.body, as: UTF8.self)
      guard reply.status == 200, let arn = arn(in: text) else {
        return DoctorCheck(
          name,
          .missing,
          "\(endpoint) answered \(reply.status)",
          advice: "the keys were refused; check them and the clock of this machine"
        )
      }
      return DoctorCheck(name, .ok, "\(arn), by \(endpoint)")
    } catch {
      return DoctorCheck(name, .missing, "no answer", advice: "\(error)")
    }
  }

  /// The ARN in a reply, which is JSON or XML as the server likes.
  private static func arn(in text: String) -> String? {
    guard let start = text.firstRange(of: "arn:aws") else { return nil }
    return String(text[start.lowerBound...].prefix { $0 != "<" && $0 != "\"" && !$0.isWhitespace })
  }
}

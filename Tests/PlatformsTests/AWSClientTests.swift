import CurlHTTP
import StackModel
import Testing

@testable import Platforms

@Suite struct AWSClientTests {
  private func client(_ answers: Answers, source: AWSCredentialSource) -> AWSClient {
    let endpoints = AWSEndpoints(region: "eu-central-1", environment: [:])
    return AWSClient(
      endpoints: endpoints,
      source: source,
      chain: AWSCredentialChain(endpoints: endpoints, environment: [:], transport: answers.transport),
      certificates: nil,
      transport: answers.transport
    )
  }

  @Test func `keys that have expired are fetched once more`() async {
    let answers = Answers([
      ("X-Amz-Target", 400, #"{"__type":"ExpiredTokenException"}"#),
      (
        "http://169.254.170.2/x", 200, #"{"AccessKeyId":"AK","SecretAccessKey":"s","Token":"t"}"#
      ),
    ])
    let source = AWSCredentialSource.container(url: "http://169.254.170.2/x", tokenFile: nil, token: nil)
    let failure = await #expect(throws: PlatformFailure.self) {
      try await client(answers, source: source).json(.ecs, "DescribeServices", [:])
    }
    #expect(failure?.kind == .credentials)
    #expect(answers.calls.map(\.url).filter { $0.hasPrefix("http://169") }.count == 2)
  }

  @Test(arguments: [
    (
      400, #"{"__type":"com.amazonaws.ecs#ClusterNotFoundException","message":"no"}"#,
      PlatformFailure.Kind.absent
    ),
    (400, #"{"__type":"UnrecognizedClientException","message":"no"}"#, .credentials),
    (400, #"{"__type":"AccessDeniedException","Message":"no"}"#, .forbidden),
    (400, #"{"__type":"InvalidParameterException:http://x","message":"no"}"#, .refused),
    (503, "", .unavailable),
    (403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>", .credentials),
  ])
  func `refusals are told apart`(status: Int, body: String, kind: PlatformFailure.Kind) {
    let reply = HTTPCall.Reply(status: status, body: Array(body.utf8))
    #expect(AWSReply.failure(reply, asking: "x").kind == kind)
  }

  @Test(arguments: [
    ([:], "https://ecs.eu-central-1.amazonaws.com/"),
    (["AWS_ENDPOINT_URL": "http://127.0.0.1:5000"], "http://127.0.0.1:5000/"),
    (["AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_ECS": "http://b/"], "http://b/"),
    (
      ["AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"],
      "https://ecs.eu-central-1.amazonaws.com/"
    ),
  ])
  func `an endpoint that is named is used`(environment: [String: String], url: String) throws {
    #expect(try AWSEndpoints(region: "eu-central-1", environment: environment).url(.ecs) == url)
  }

  @Test func `endpoints that we do not know are not replaced by others`() {
    let endpoints = AWSEndpoints(region: "us-gov-west-1", environment: ["AWS_USE_FIPS_ENDPOINT": "true"])
    #expect(throws: PlatformFailure.self) { try endpoints.url(.ecs) }
  }
}

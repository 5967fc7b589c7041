package import Platforms
package import References
import StackModel

/// AWS Secrets Manager.
package struct SecretsManagerSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  /// Name or ARN of a secret, with placeholders.
  private let secret: String
  /// The member of a secret that is JSON, with placeholders; nil for the whole text.
  private let key: String?
  private let aws: any AWSAPI

  package init(name: String, kinds: Set<GroupKind>, secret: String, key: String?, aws: any AWSAPI) {
    self.name = name
    self.kinds = kinds
    self.secret = secret
    self.key = key
    self.aws = aws
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let id = Placeholders(text: secret).filled(reference)
    let json: JSONValue
    do throws(PlatformFailure) {
      json = try await aws.json(.secretsManager, "GetSecretValue", ["SecretId": .string(id)])
    } catch {
      return error.answer
    }
    guard let text = json["SecretString"]?.string else {
      return .failed(SourceFailure(.refused, "the secret \(id) holds bytes, not text"))
    }
    guard let key else { return .found(text) }
    guard let object = (try? JSONValue(parsing: text))?.object else {
      return .failed(
        SourceFailure(.refused, "the secret \(id) is no JSON object", hint: "leave `key` of the source out")
      )
    }
    return .member(Placeholders(text: key).filled(reference), of: object, group: reference.group)
  }
}

/// The parameter store of AWS Systems Manager.
package struct ParameterStoreSource: ReferenceSource {
  package let name: String
  package let kinds: Set<GroupKind>
  /// With placeholders.
  private let parameter: String
  private let aws: any AWSAPI

  package init(name: String, kinds: Set<GroupKind>, parameter: String, aws: any AWSAPI) {
    self.name = name
    self.kinds = kinds
    self.parameter = parameter
    self.aws = aws
  }

  package func look(up reference: GroupReference) async -> SourceAnswer {
    let id = Placeholders(text: parameter).filled(reference)
    do throws(PlatformFailure) {
      let json = try await aws.json(.ssm, "GetParameter", ["Name": .string(id), "WithDecryption": true])
      guard let value = json["Parameter"]?["Value"]?.string else {
        return .failed(SourceFailure(.refused, "the answer holds no value for \(id)"))
      }
      return .found(value)
    } catch {
      return error.answer
    }
  }
}

extension PlatformFailure {
  /// As a source of references tells it.
  var answer: SourceAnswer {
    switch kind {
    case .absent: .missing(known: [])
    case .unavailable: .failed(SourceFailure(.unavailable, message, hint: hint))
    case .credentials, .forbidden: .failed(SourceFailure(.credentials, message, hint: hint))
    case .refused: .failed(SourceFailure(.refused, message, hint: hint))
    }
  }
}

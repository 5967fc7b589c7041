import Digests
import StackModel

/// A number for each created Secret that changes with its values: 0 where it is not needed.
struct K8sSecretRevisions: Sendable {
  private(set) var byName: [String: Int] = [:]
  private(set) var values: [String: Secret] = [:]

  /// Making a number takes some 20 ms for each Secret, on purpose; nobody waits for it who only asks
  /// whether a manifest is legal.
  init(_ secrets: [K8sSecret], isNeeded: Bool) {
    guard isNeeded else { return }
    for secret in secrets {
      for entry in secret.entries {
        if let value = entry.value { values["\(secret.name)/\(entry.key)"] = value }
      }
      byName[secret.name] = Fingerprint.revision(of: Self.joined(secret), salt: secret.name)
    }
  }

  subscript(name: String) -> Int { byName[name] ?? 0 }

  /// All keys and values, each with its length before it, so that no two Secrets read the same.
  private static func joined(_ secret: K8sSecret) -> String {
    secret.entries.flatMap { [$0.key, $0.value?.reveal() ?? ""] }
      .map { "\($0.utf8.count):\($0)" }.joined()
  }
}

extension K8sService {
  func secretsForm(_ revisions: K8sSecretRevisions) -> JSONValue {
    .object(
      JSONObject(
        secrets.map { secret in
          (
            secret.name,
            [
              "type": .string(secret.type),
              "keys": .texts(secret.entries.map(\.key)),
              "revision": .int(revisions[secret.name]),
            ]
          )
        }
      )
    )
  }

  var configMapsForm: JSONValue {
    .object(
      JSONObject(configMaps.map { ($0.name, ["data": .object(JSONObject([($0.file, .string($0.text))]))]) })
    )
  }

  /// Pods read both only when they start, so a change has to start new ones: annotations of the pods change
  /// with what is in them.
  func contentAnnotations(_ revisions: K8sSecretRevisions) -> [(String, String)] {
    let files = configMaps.map { "\($0.name) \($0.file) \($0.text.utf8.count) \($0.text)" }.sorted()
    let numbers = secrets.filter(\.isOpaque).map { "\($0.name)=\(revisions[$0.name])" }.sorted()
    var annotations: [(String, String)] = []
    if !files.isEmpty {
      annotations.append(("stackjob.dev/config", K8sNames.hash8(files.joined(separator: "\n"))))
    }
    if !numbers.isEmpty {
      annotations.append(("stackjob.dev/secrets", K8sNames.hash8(numbers.joined(separator: ","))))
    }
    return annotations
  }
}

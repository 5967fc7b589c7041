import Digests
import StackModel

/// A number for each created secret that changes with its value: 0 where it is not needed.
struct EcsSecretRevisions: Sendable {
  private(set) var byKey: [String: Int] = [:]
  private(set) var values: [String: Secret] = [:]

  /// Making a number takes some 20 ms for each secret, on purpose; nobody waits for it who only asks
  /// whether a manifest is legal.
  init(_ store: EcsSecretStore, isNeeded: Bool) {
    guard isNeeded else { return }
    for entry in store.entries {
      guard let value = entry.value else { continue }
      values[entry.key] = value
      byKey[entry.key] = Fingerprint.revision(of: value.reveal(), salt: entry.name)
    }
  }

  subscript(key: String) -> Int { byKey[key] ?? 0 }
}

extension EcsService {
  func secretsForm(_ revisions: EcsSecretRevisions) -> JSONValue {
    let members = secrets.entries.map { entry in
      (
        entry.key,
        [
          "name": .string(entry.name),
          "store": .string(secrets.isSSM ? "SSM" : "SECRETS_MANAGER"),
          "revision": .int(revisions[entry.key]),
          "kms_key_arn": .optional(secrets.kmsKeyARN),
          "recovery_window_days": .int(secrets.recoveryWindowDays),
        ] as JSONValue
      )
    }
    return .object(JSONObject(members))
  }

  /// ECS cannot pin a parameter's version, so this label is what makes a changed value start new tasks. A
  /// Secrets Manager secret is named by ARN with its version.
  func secretsRevisionLabel(of container: EcsContainer, _ revisions: EcsSecretRevisions) -> String? {
    guard secrets.isSSM else { return nil }
    let parts = secrets.entries.filter { $0.container == container.name }
      .map { "\($0.key)=\(revisions[$0.key])" }.sorted()
    return parts.isEmpty ? nil : EcsNames.hash8(parts.joined(separator: ","))
  }
}

import Digests
import JobRunner
import LocalFiles
import StackModel

/// Where the passphrase comes from that a stack's secrets are encrypted with.
struct PulumiPassphrase {
  let settings: PulumiSettings
  let environment: [String: String]
  let stateHome: String

  /// - Parameter managed: the stack's folder where we keep its state, and so may keep a passphrase beside it.
  func read(managed: StackFolder?, at location: SourceLocation?) -> Result<Secret, DiagnosticFailure> {
    switch (settings.passphraseFile, settings.passphraseEnvironment, managed) {
    case (let file?, _, _): return fromFile(file)
    case (nil, let name?, _):
      guard let value = environment[name], !value.isEmpty else {
        return .failure(problem("the variable `\(name)`, which `pulumi.passphraseEnv` names, is not set"))
      }
      return .success(Secret(value))
    case (nil, nil, let folder?): return own(folder)
    case (nil, nil, nil):
      return .failure(
        problem("the stack's backend is encrypted with a passphrase, and none is set", at: location)
      )
    }
  }

  private func fromFile(_ path: String) -> Result<Secret, DiagnosticFailure> {
    do throws(FileError) {
      var text = String(decoding: try LocalFiles.read(path), as: UTF8.self)[...]
      while text.last?.isNewline == true { text.removeLast() }
      guard !text.isEmpty else { return .failure(problem("the file \(path) holds no passphrase")) }
      return .success(Secret(String(text)))
    } catch {
      return .failure(problem("the passphrase cannot be read: \(error)"))
    }
  }

  /// One for all stacks of this state home, made when it is first needed. It protects copies of a state, not the
  /// state home as a whole.
  private func own(_ folder: StackFolder) -> Result<Secret, DiagnosticFailure> {
    let path = "\(stateHome)/pulumi-passphrase"
    // A new one would open nothing, and stand in the way of the old one's copy.
    if !LocalFiles.exists(path), LocalFiles.exists(folder.pulumiSettings) {
      return .failure(
        problem(
          "\(path) is gone, with which the stack's secrets are encrypted",
          hint:
            "bring it back from a copy; or set `pulumi.passphraseFile` in the settings to a file that holds the same"
        )
      )
    }
    do throws(FileError) {
      if !LocalFiles.exists(path) {
        try LocalFiles.makeFolder(stateHome)
        do throws(FileError) {
          try LocalFiles.add(path, with: Array(RandomToken.make().utf8))
        } catch {
          // Another job was quicker.
          guard error.alreadyExists else { throw error }
        }
      }
    } catch {
      return .failure(problem("a passphrase cannot be kept: \(error)"))
    }
    return fromFile(path)
  }

  private func problem(
    _ message: String,
    at location: SourceLocation? = nil,
    hint: String =
      "set `pulumi.passphraseFile` or `pulumi.passphraseEnv` in the settings, or a `secretsProvider`"
  ) -> DiagnosticFailure {
    DiagnosticFailure(
      .error(
        "pulumi.passphrase",
        message,
        at: location,
        hint: hint
      )
    )
  }
}

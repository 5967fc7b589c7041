package import PluginWire

/// Answers the methods of one protocol version with a ``Provider``.
package struct ProviderMethods: Sendable {
  private let provider: any Provider
  private let version: PluginProtocol

  package init(_ provider: any Provider, _ version: PluginProtocol) {
    self.provider = provider
    self.version = version
  }

  /// Every method of the version by its own name. A method that is missing here is answered as not
  /// implemented, which Terraform takes for "an older provider".
  package var methods: [String: RawMethod] {
    let v5 = version == .v5
    return [
      "GetMetadata": { _ in schema.metadataBytes() },
      v5 ? "GetSchema" : "GetProviderSchema": { _ in schema.bytes(version) },
      v5 ? "PrepareProviderConfig" : "ValidateProviderConfig": validateProvider,
      v5 ? "ValidateResourceTypeConfig" : "ValidateResourceConfig": { try await validate(.resource, $0) },
      v5 ? "ValidateDataSourceConfig" : "ValidateDataResourceConfig": { try await validate(.data, $0) },
      "ValidateEphemeralResourceConfig": { try await validate(.ephemeral, $0) },
      "UpgradeResourceState": upgrade,
      v5 ? "Configure" : "ConfigureProvider": configure,
      "ReadResource": read,
      "PlanResourceChange": plan,
      "ApplyResourceChange": apply,
      "ImportResourceState": importState,
      "MoveResourceState": move,
      "ReadDataSource": readData,
      "OpenEphemeralResource": openEphemeral,
      // Nothing of what the ephemeral resources hold runs out.
      "RenewEphemeralResource": { _ in [] },
      "CloseEphemeralResource": { _ in [] },
      "GetFunctions": { _ in [] },
      v5 ? "Stop" : "StopProvider": { _ in
        await provider.stop()
        return []
      },
    ]
  }

  private var schema: ProviderSchema { provider.schema }

  private func type(_ kind: TypeKind, _ name: String) throws -> ValueType {
    let known =
      switch kind {
      case .resource: schema.resources
      case .data: schema.dataSources
      case .ephemeral: schema.ephemeralResources
      }
    guard let type = known[name]?.block.type else { throw ValueError("the provider has no type \(name)") }
    return type
  }

  private func validateProvider(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let diagnostics = await provider.validateProvider(try request.value(1, as: schema.provider.block.type))
    return ProtobufWriter.message {
      // Terraform wants back what it sent.
      if version == .v5, let config = try? request.bytes(1) { $0.present(1, config) }
      diagnostics.write(2, into: &$0)
    }
  }

  private func validate(_ kind: TypeKind, _ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let value = try request.value(2, as: try type(kind, name))
    let diagnostics = await provider.validate(kind, name, value)
    return ProtobufWriter.message { diagnostics.write(1, into: &$0) }
  }

  private func upgrade(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let type = try type(.resource, try request.string(1))
    return ProtobufWriter.message {
      do { $0.value(1, try request.rawState(3, as: type), as: type) } catch {
        [ProviderDiagnostic.error("Cannot read the stored state", detail: "\(error)")].write(2, into: &$0)
      }
    }
  }

  private func configure(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let diagnostics = await provider.configure(try request.value(2, as: schema.provider.block.type))
    return ProtobufWriter.message { diagnostics.write(1, into: &$0) }
  }

  private func read(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.resource, name)
    let answer = await provider.read(name, current: try request.value(2, as: type))
    let kept = try request.bytes(3)
    return ProtobufWriter.message {
      $0.value(1, answer.state, as: type)
      answer.diagnostics.write(2, into: &$0)
      $0.bytes(3, kept)
    }
  }

  private func plan(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.resource, name)
    let question = PlanQuestion(
      type: name,
      prior: try request.value(2, as: type),
      proposed: try request.value(3, as: type),
      configuration: try request.value(4, as: type)
    )
    let answer = await provider.plan(question)
    let kept = try request.bytes(5)
    return ProtobufWriter.message {
      $0.value(1, answer.planned, as: type)
      for path in answer.replaces { $0.message(2, path.write) }
      $0.bytes(3, kept)
      answer.diagnostics.write(4, into: &$0)
      $0.bool(5, answer.isLenient)
    }
  }

  private func apply(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.resource, name)
    let question = ApplyQuestion(
      type: name,
      prior: try request.value(2, as: type),
      planned: try request.value(3, as: type),
      configuration: try request.value(4, as: type)
    )
    let answer = await provider.apply(question)
    let kept = try request.bytes(5)
    return ProtobufWriter.message {
      $0.value(1, answer.state, as: type)
      $0.bytes(2, kept)
      answer.diagnostics.write(3, into: &$0)
      $0.bool(4, answer.isLenient)
    }
  }

  private func importState(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.resource, name)
    let answer = await provider.importResource(name, id: try request.string(2))
    return ProtobufWriter.message {
      if !answer.state.isNull {
        $0.message(1) {
          $0.string(1, name)
          $0.value(2, answer.state, as: type)
        }
      }
      answer.diagnostics.write(2, into: &$0)
    }
  }

  private func move(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let target = try request.string(5)
    let type = try type(.resource, target)
    let source = try request.string(2)
    let refusal = ProviderDiagnostic.error(
      "Move Resource State Not Supported",
      detail: "The \"\(target)\" resource type does not support moving resource state across resource types, "
        + "here from \"\(source)\"."
    )
    return ProtobufWriter.message {
      $0.value(1, .null, as: type)
      [refusal].write(2, into: &$0)
    }
  }

  private func readData(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.data, name)
    let answer = await provider.readData(name, try request.value(2, as: type))
    return ProtobufWriter.message {
      $0.value(1, answer.state, as: type)
      answer.diagnostics.write(2, into: &$0)
    }
  }

  private func openEphemeral(_ bytes: ArraySlice<UInt8>) async throws -> [UInt8] {
    let request = try ProviderRequest(bytes)
    let name = try request.string(1)
    let type = try type(.ephemeral, name)
    let answer = await provider.openEphemeral(name, try request.value(2, as: type))
    return ProtobufWriter.message {
      answer.diagnostics.write(1, into: &$0)
      $0.value(3, answer.state, as: type)
    }
  }
}

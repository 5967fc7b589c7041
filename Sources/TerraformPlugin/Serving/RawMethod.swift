package import GRPCCore

/// One method: the request's bytes in, the response's bytes out. What it throws becomes an error of
/// the call, which Terraform shows as a failure of the plugin.
package typealias RawMethod = @Sendable (ArraySlice<UInt8>) async throws -> [UInt8]

/// Messages as bytes. Everything above decides for itself what it reads of them, and a proxy can
/// hand on what it does not know.
package struct RawBytes: MessageSerializer, MessageDeserializer {
  package init() {}

  package func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) -> Bytes { Bytes(message) }

  package func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> [UInt8] {
    bytes.withUnsafeBytes(Array.init)
  }
}

/// A gRPC service of methods with one request and one response.
package struct RawService: RegistrableRPCService {
  private let name: String
  private let methods: [String: RawMethod]

  /// - Parameter name: with its package, for example `tfplugin6.Provider`.
  package init(_ name: String, methods: [String: RawMethod]) {
    self.name = name
    self.methods = methods
  }

  package func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for (method, body) in methods {
      router.registerHandler(
        forMethod: MethodDescriptor(fullyQualifiedService: name, method: method),
        deserializer: RawBytes(),
        serializer: RawBytes()
      ) { request, _ in
        let request = try await ServerRequest(stream: request)
        do {
          return StreamingServerResponse(
            single: ServerResponse(message: try await body(request.message[...]))
          )
        } catch let error as RPCError {
          throw error
        } catch {
          throw RPCError(code: .internalError, message: "\(method): \(error)")
        }
      }
    }
  }
}

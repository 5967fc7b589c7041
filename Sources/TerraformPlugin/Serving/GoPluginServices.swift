import GRPCCore

/// The services that HashiCorp's go-plugin expects of every plugin beside its own.
struct GoPluginServices: RegistrableRPCService {
  /// Called when Terraform wants the process to end.
  let shutdown: @Sendable () -> Void
  /// Ends when the plugin does; streams that say nothing stay open until then.
  let ended: @Sendable () async -> Void

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    RawService(
      "plugin.GRPCController",
      methods: [
        "Shutdown": { _ in
          shutdown()
          return []
        }
      ]
    ).registerMethods(with: &router)
    // Field 1 with 1: SERVING.
    RawService("grpc.health.v1.Health", methods: ["Check": { _ in [0x08, 0x01] }])
      .registerMethods(with: &router)
    // Streams that carry nothing of ours. The broker opens further connections, which providers never
    // do; the other one copies what the plugin prints.
    for (service, method) in [("plugin.GRPCStdio", "StreamStdio"), ("plugin.GRPCBroker", "StartStream")] {
      router.registerHandler(
        forMethod: MethodDescriptor(fullyQualifiedService: service, method: method),
        deserializer: RawBytes(),
        serializer: RawBytes()
      ) { _, _ in
        StreamingServerResponse(of: [UInt8].self) { _ in
          await ended()
          return [:]
        }
      }
    }
  }
}

// swift-tools-version: 6.2

import PackageDescription

/// The rules every target of ours is built under; dependencies keep their own.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "stackjob",
  products: [],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // Without its default trait, which would pull Foundation into a program that starts in
    // milliseconds.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .target(name: "StackModel", swiftSettings: settings),
    .target(name: "LocalFiles", swiftSettings: settings),
    .systemLibrary(
      name: "COpenSSL",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]
    ),
    .target(name: "Digests", dependencies: ["COpenSSL", "LocalFiles"], swiftSettings: settings),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "YAMLTree", dependencies: ["StackModel", "CYAML"], swiftSettings: settings),
    .target(
      name: "References",
      dependencies: ["StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    // Which cluster, with which credentials, as one kubeconfig.
    .target(
      name: "ClusterAccess",
      dependencies: ["Digests", "LocalFiles", "StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    .target(
      name: "Manifests",
      dependencies: ["Digests", "References", "StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    .target(
      name: "Translation",
      dependencies: ["LocalFiles", "Manifests", "StackModel"],
      swiftSettings: settings
    ),
    .target(
      name: "ToolProcess",
      dependencies: [
        "StackModel",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "Engines",
      dependencies: ["CZlib", "LocalFiles", "PluginWire", "StackModel", "ToolProcess"],
      swiftSettings: settings
    ),
    // Headers only, so no pkg-config: its flags would have the library loaded at every start.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CurlHTTP", dependencies: ["CCurl", "StackModel"], swiftSettings: settings),
    // OpenTelemetry's traces; knows nothing of jobs.
    .target(name: "Traces", dependencies: ["CurlHTTP", "Digests", "StackModel"], swiftSettings: settings),
    .target(
      name: "JobRunner",
      dependencies: [
        "CSpawn", "Digests", "Engines", "LocalFiles", "ProviderHost", "StackModel", "ToolProcess",
        "Translation",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: settings
    ),
    // What both ends of a provider plugin's connection agree on, and the values that go over it. No gRPC: the command
    // line has it too.
    .target(name: "PluginWire", dependencies: ["StackModel"], swiftSettings: settings),
    // The wire side of Terraform's provider plugins; knows no provider.
    .target(
      name: "TerraformPlugin",
      dependencies: [
        "Digests", "LocalFiles", "PluginWire", "StackModel",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "SandboxProvider",
      dependencies: ["Digests", "LocalFiles", "PluginWire", "StackModel", "TerraformPlugin"],
      swiftSettings: settings
    ),
    // Knows how Terraform finds providers, and nothing of the protocol: the command line needs no gRPC.
    .target(name: "SandboxMirror", dependencies: ["LocalFiles", "StackModel"], swiftSettings: settings),
    .executableTarget(
      name: "terraform-provider-sandbox",
      dependencies: ["PluginWire", "SandboxProvider", "TerraformPlugin"],
      swiftSettings: settings
    ),
    // Starts a child that the kernel kills with us; Swift has no fork.
    .target(name: "CSpawn"),
    // Stands between Terraform and its providers; see docs/provider-acceleration.md.
    .target(
      name: "ProviderHost",
      dependencies: [
        "CSpawn", "Digests", "LocalFiles", "PluginWire", "StackModel",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Platforms",
      dependencies: ["CurlHTTP", "Digests", "LocalFiles", "StackModel", "ToolProcess"],
      swiftSettings: settings
    ),
    // Where jobs come from: a queue folder, or an endpoint.
    .target(
      name: "JobSources",
      dependencies: [
        "CurlHTTP", "Digests", "LocalFiles", "Manifests", "StackModel", "ToolProcess", "YAMLTree",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Worker",
      dependencies: [
        "CSpawn", "JobRunner", "JobSources", "LocalFiles", "ProviderHost", "StackModel", "ToolProcess",
        "Traces",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: settings
    ),
    // Where references are looked up beyond files of groups.
    .target(
      name: "ReferenceSources",
      dependencies: [
        "CurlHTTP", "Digests", "LocalFiles", "Platforms", "References", "StackModel", "ToolProcess",
        "YAMLTree",
      ],
      swiftSettings: settings
    ),
    // From a service's repository to what is to be deployed where.
    .target(
      name: "Deployment",
      dependencies: [
        "Digests", "LocalFiles", "Manifests", "References", "StackModel", "ToolProcess", "YAMLTree",
      ],
      swiftSettings: settings
    ),
    .target(name: "Presentation", dependencies: ["StackModel"], swiftSettings: settings),
    .target(
      name: "Commands",
      dependencies: [
        "ClusterAccess", "CurlHTTP", "Deployment", "Digests", "Engines", "JobRunner", "JobSources",
        "LocalFiles", "Manifests", "Platforms", "Presentation", "ReferenceSources", "References",
        "SandboxMirror", "StackModel", "ToolProcess", "Traces", "Translation", "Worker", "YAMLTree",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "stackjob",
      dependencies: [
        "Commands", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .testTarget(name: "StackModelTests", dependencies: ["StackModel"], swiftSettings: settings),
    .testTarget(
      name: "YAMLTreeTests",
      dependencies: ["StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    // What two test targets read from docs/.
    .target(name: "FieldTable", path: "Tests/FieldTable", swiftSettings: settings),
    .testTarget(
      name: "ManifestsTests",
      dependencies: ["FieldTable", "Manifests", "References", "StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    // Manifests made by a kind's schema, for two test targets.
    .target(
      name: "ManifestCorpus",
      dependencies: ["LocalFiles", "Manifests", "StackModel", "YAMLTree"],
      path: "Tests/ManifestCorpus",
      swiftSettings: settings
    ),
    .testTarget(
      name: "TranslationTests",
      dependencies: ["LocalFiles", "ManifestCorpus", "Manifests", "StackModel", "Translation"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ReferencesTests",
      dependencies: ["References", "StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ReferenceSourcesTests",
      dependencies: [
        "CurlHTTP", "LocalFiles", "Platforms", "ReferenceSources", "References", "StackModel", "ToolProcess",
        "YAMLTree",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ClusterAccessTests",
      dependencies: ["ClusterAccess", "LocalFiles", "StackModel"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JobSourcesTests",
      dependencies: ["CurlHTTP", "JobSources", "LocalFiles", "StackModel", "ToolProcess", "YAMLTree"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "WorkerTests",
      dependencies: ["JobSources", "LocalFiles", "ProviderHost", "StackModel", "Traces", "Worker"],
      swiftSettings: settings
    ),
    .testTarget(name: "TracesTests", dependencies: ["StackModel", "Traces"], swiftSettings: settings),
    .testTarget(name: "LocalFilesTests", dependencies: ["LocalFiles"], swiftSettings: settings),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: settings),
    .testTarget(
      name: "ToolProcessTests",
      dependencies: ["LocalFiles", "StackModel", "ToolProcess"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "EnginesTests",
      dependencies: ["Engines", "LocalFiles", "StackModel"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JobRunnerTests",
      dependencies: ["Engines", "JobRunner", "LocalFiles", "StackModel", "ToolProcess", "Translation"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "CommandsTests",
      dependencies: [
        "ClusterAccess", "Commands", "JobRunner", "LocalFiles", "Manifests", "StackModel", "Translation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "TerraformPluginTests",
      dependencies: ["PluginWire", "StackModel", "TerraformPlugin"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "SandboxProviderTests",
      dependencies: [
        "LocalFiles", "PluginWire", "SandboxMirror", "SandboxProvider", "StackModel", "TerraformPlugin",
        "ToolProcess", .target(name: "terraform-provider-sandbox"),
      ],
      swiftSettings: settings
    ),
    // Both ends of a plugin connection without Terraform and without a provider, for tests and measuring.
    .target(
      name: "PluginFakes",
      dependencies: [
        "LocalFiles",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/PluginFakes",
      swiftSettings: settings
    ),
    // What the host of providers costs by itself; `scripts/bench` builds and runs it.
    .executableTarget(
      name: "host-bench",
      dependencies: ["LocalFiles", "PluginFakes", "PluginWire", "ProviderHost", "StackModel"],
      path: "Benchmarks/host-bench",
      swiftSettings: settings
    ),
    // How fast lines of Pulumi are decoded; likewise.
    .executableTarget(
      name: "pulumi-bench",
      dependencies: ["Engines", "StackModel"],
      path: "Benchmarks/pulumi-bench",
      swiftSettings: settings
    ),
    .testTarget(
      name: "ProviderHostTests",
      dependencies: [
        "CSpawn", "Digests", "Engines", "LocalFiles", "PluginFakes", "PluginWire", "ProviderHost",
        "SandboxMirror",
        "StackModel",
        "ToolProcess",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .target(name: "terraform-provider-sandbox"),
      ],
      swiftSettings: settings
    ),
    // Drives the built binary with the real tools.
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CurlHTTP", "Digests", "Engines", "FieldTable", "JobRunner", "JobSources", "LocalFiles",
        "ManifestCorpus",
        "Manifests", "StackModel", "ToolProcess", "Translation", "YAMLTree", .target(name: "stackjob"),
        .target(name: "terraform-provider-sandbox"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PlatformsTests",
      dependencies: ["CurlHTTP", "LocalFiles", "Platforms", "StackModel", "ToolProcess"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "DeploymentTests",
      dependencies: [
        "Deployment", "Digests", "LocalFiles", "Manifests", "Presentation", "References", "StackModel",
        "ToolProcess", "YAMLTree",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PresentationTests",
      dependencies: ["Presentation", "StackModel"],
      swiftSettings: settings
    ),
  ]
)

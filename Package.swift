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
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // Without its default trait, which would pull Foundation into a program that starts in
    // milliseconds.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .target(name: "StackModel", swiftSettings: settings),
    .target(name: "LocalFiles", swiftSettings: settings),
    .target(name: "Presentation", dependencies: ["StackModel"], swiftSettings: settings),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Digests", dependencies: ["COpenSSL", "LocalFiles"], swiftSettings: settings),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "YAMLTree", dependencies: ["StackModel", "CYAML"], swiftSettings: settings),
    .target(
      name: "Manifests",
      dependencies: ["Digests", "StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    .target(
      name: "Translation",
      dependencies: ["LocalFiles", "Manifests", "StackModel", "YAMLTree"],
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
    .target(
      name: "Engines",
      dependencies: ["LocalFiles", "StackModel", "ToolProcess"],
      swiftSettings: settings
    ),
    .target(
      name: "JobRunner",
      dependencies: [
        "Digests", "Engines", "LocalFiles", "StackModel", "ToolProcess", "Translation",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
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

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
  dependencies: [],
  targets: [
    .target(name: "StackModel", swiftSettings: settings),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "YAMLTree", dependencies: ["StackModel", "CYAML"], swiftSettings: settings),
    .target(name: "Manifests", dependencies: ["StackModel", "YAMLTree"], swiftSettings: settings),
    .testTarget(
      name: "YAMLTreeTests",
      dependencies: ["StackModel", "YAMLTree"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ManifestsTests",
      dependencies: ["StackModel", "YAMLTree", "Manifests"],
      swiftSettings: settings
    ),
  ]
)

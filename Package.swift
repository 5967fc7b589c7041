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
    .target(name: "StackModel", swiftSettings: settings)
  ]
)

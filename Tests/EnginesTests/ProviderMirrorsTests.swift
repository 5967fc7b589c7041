import Engines
import LocalFiles
import Testing

@Suite struct ProviderMirrorsTests {
  @Test func `a mirror is a folder with a registry's name and providers below it`() throws {
    let home = "/tmp/stackjob-mirrors-\(UInt64.random(in: 0 ... .max))"
    defer { try? LocalFiles.removeTree(home) }
    let plugins = "\(home)/.terraform.d/plugins"
    let aws = "\(plugins)/registry.terraform.io/hashicorp/aws"
    try LocalFiles.makeFolder("\(aws)/5.100.0/linux_amd64")
    try LocalFiles.create("\(aws)/terraform-provider-aws_5.99.0_linux_amd64.zip", with: [])
    try LocalFiles.makeFolder("\(home)/empty")

    let found = ProviderMirrors.find(configured: [], home: home, dataHome: nil)
    let mine = try #require(found.mirrors.first)
    #expect(mine.path == plugins)
    #expect(mine.providers == ["registry.terraform.io/hashicorp/aws"])
    let named = ProviderMirrors.find(
      configured: [plugins, "\(home)/empty", "\(plugins)/"],
      home: "/nonexistent",
      dataHome: nil
    )
    #expect(named.mirrors.map(\.path) == [plugins])
    #expect(named.cliConfig(pluginCache: nil, allowsDownload: true).mirrors == [plugins])
    #expect(named.versions(of: "registry.terraform.io/hashicorp/aws") == ["5.100.0", "5.99.0"])
  }
}

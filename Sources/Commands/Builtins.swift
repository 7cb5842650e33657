package import Shell

/// Every built-in command: the only list of them.
package enum Builtins {
    package static let table = CommandTable([
        Pull.self, Images.self, Inspect.self, History.self, Tag.self, Untag.self, Rmi.self, Import.self, Save.self,
        Load.self, Docker.self,
        Search.self, Prune.self, Df.self, Info.self, Fsck.self,
        Tags.self, Catalog.self, Resolve.self, Exists.self, ManifestCommand.self, Referrers.self, Ratelimit.self,
        Outdated.self, Diff.self, Push.self, Copy.self, Sync.self, Multiarch.self, Annotate.self,
        LoginCommand.self, Logout.self, Logins.self,
        Each.self, Collect.self, Take.self, Table.self, Read.self, Write.self, Echo.self, Print.self, Confirm.self,
        Watch.self, Time.self, Sleep.self, Cd.self, Pwd.self, SetCommand.self, Which.self, Help.self, Version.self,
        Plugin.self,
    ])
}

package import Shell

/// Every built-in command: the only list of them.
package enum Builtins {
    package static let table = CommandTable([
        "pull": Pull.self, "images": Images.self, "inspect": Inspect.self, "history": History.self, "tag": Tag.self,
        "untag": Untag.self, "rmi": Rmi.self, "import": Import.self, "save": Save.self, "load": Load.self,
        "search": Search.self, "prune": Prune.self, "df": Df.self, "info": Info.self, "fsck": Fsck.self,
        "docker": Docker.self,
        "tags": Tags.self, "catalog": Catalog.self, "resolve": Resolve.self, "exists": Exists.self,
        "manifest": ManifestCommand.self, "referrers": Referrers.self, "ratelimit": Ratelimit.self,
        "outdated": Outdated.self, "diff": Diff.self,
        "push": Push.self, "copy": Copy.self, "sync": Sync.self, "multiarch": Multiarch.self,
        "annotate": Annotate.self,
        "login": LoginCommand.self, "logout": Logout.self, "logins": Logins.self,
        "each": Each.self, "collect": Collect.self, "take": Take.self, "table": Table.self, "read": Read.self,
        "write": Write.self, "echo": Echo.self, "print": Print.self, "confirm": Confirm.self, "watch": Watch.self,
        "time": Time.self, "sleep": Sleep.self, "cd": Cd.self, "pwd": Pwd.self, "set": SetCommand.self,
        "which": Which.self, "help": Help.self, "version": Version.self, "plugin": Plugin.self,
    ])
}

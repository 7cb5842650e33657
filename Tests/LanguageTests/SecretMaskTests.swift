import Testing

@testable import Language

struct SecretMaskTests {
    @Test(arguments: [
        ("tags http://bob:pw@host/x", "tags http://…@host/x"),
        ("tags https://token@host/x", "tags https://…@host/x"),
        ("import http://u:SECRET@host/x.tar y", "import http://…@host/x.tar y"),
        ("tags \"http://bob:p w\" x@y", "tags \"http://bob:p w\" x@y"),
        ("login 'http://bob:p@ss(w;d@host'", "login 'http://…@host'"),
        ("tags http://bob:p/w@host/x", "tags http://…@host/x"),
        ("tags http://host:8080/a@b", "tags http://host:8080/a@b"),
        ("catalog bob:pw@localhost:6102", "catalog …@localhost:6102"),
        ("catalog bob:p:w@host", "catalog …@host"), ("set x --from=bob:pw@host", "set x --from=…@host"),
        ("!curl -u x ftp://a:b@c | http://d:e@f", "!curl -u x ftp://…@c | http://…@f"),
        // What is no secret.
        ("pull app:1.0@sha256:0123", "pull app:1.0@sha256:0123"), ("pull app:1@sha", "pull app:1@sha"),
        ("pull app:1@other:0123456789abcdef0123", "pull app:1@other:0123456789abcdef0123"),
        ("pull localhost:5000/app@sha256:01", "pull localhost:5000/app@sha256:01"),
        ("pull localhost:5000/app:1@x", "pull localhost:5000/app:1@x"),
        ("images | {Tag: .x} | @csv", "images | {Tag: .x} | @csv"), ("{a:.b|@csv}", "{a:.b|@csv}"),
        ("\"\\(.Repository):\\(.Tag)@\\(.Digest)\"", "\"\\(.Repository):\\(.Tag)@\\(.Digest)\""),
        ("set host ssh://me@engine", "set host ssh://me@engine"),
        ("set host ssh://me:pw@engine", "set host ssh://…@engine"),
        ("me@example.com", "me@example.com"), ("a://", "a://"), ("@", "@"), ("", ""), ("x:@y", "x:@y"),
    ])
    func hidesWhoAURLIsFor(_ line: String, _ shown: String) { #expect(SecretMask.masked(line) == shown) }

    @Test(arguments: [
        ("login -p s3cret host", "login -p … host"), ("login -ps3cret host", "login -p… host"),
        ("login -u bob -ps3cret", "login -u bob -p…"), ("login --password s3cret", "login --password …"),
        ("login --password=s3cret", "login --password=…"), ("login --passw s3cret", "login --passw …"),
        ("login --passw=s3cret", "login --passw=…"), ("login --p s3cret", "login --p …"),
        ("login --passwd s3cret", "login --passwd …"), ("login -p 's3 cret' host", "login -p '…' host"),
        ("login -p's3 cret' host", "login -p'…' host"), ("login --password=\"s3 cret\"", "login --password=\"…\""),
        ("login -u bo:s3cret host:1", "login -u bo:… host:1"),
        ("login --username=bo:s3cret host", "login --username=bo:… host"),
        ("docker login -u bob -ps3cret", "docker login -u bob -p…"),
        ("!dsh -c \"login -u bob -p s3cret host\"", "!dsh -c \"login -u bob -p … host\""),
        ("x | login -p -s3cret", "x | login -p …"),
        ("each {login -ps3cret }", "each {login -p… }"), ("login -p", "login -p"),
        ("login --password=", "login --password="),
        ("login --password-stdin -u bob host", "login --password-stdin -u bob host"),
        ("login --plain-http host", "login --plain-http host"), ("pull -p s3cret", "pull -p s3cret"),
        ("login -p ü§x host", "login -p … host"),
    ])
    func hidesTheirPasswords(_ line: String, _ shown: String) {
        #expect(SecretMask.masked(line) == shown)
    }

    /// What no `login` takes may be a password in the wrong place: no history keeps it, and no excerpt shows it.
    @Test(arguments: [
        ("login -u bob --pasword s3cr3t HOST", "login -u bob --pasword … HOST"),
        ("login -P s3cr3t HOST", "login -P … HOST"), ("login -Ps3cr3t", "login -P…"),
        ("login --token s3cr3t", "login --token …"), ("login --token='s3 cr3t' host", "login --token='…' host"),
        ("login -u bob --password-stdin s3cr3t HOST", "login -u bob --password-stdin … HOST"),
        ("login -u bob --password-stdin s3cr3t", "login -u bob --password-stdin …"),
        ("login --password-stdin=s3cr3t HOST", "login --password-stdin=… HOST"),
        ("login bob s3cr3t HOST", "login bob … …"), ("docker login bob s3cr3t", "docker login bob …"),
        ("images; !docker login a 's3 cr3t'; echo b", "images; !docker login a '…'; echo b"),
        ("try { login --tokn s3cr3t }", "try { login --tokn … }"),
        // Where a registry stands, and no registry is called so.
        ("login s3cr3t", "login …"), ("login -u bob s3cr3t", "login -u bob …"),
        ("docker login s3cr3t # mine", "docker login … # mine"), ("try { login 's3 cr3t 2' }", "try { login '…' }"),
        // On lines that go on.
        ("login -u bob \\\n  -p s3cr3t host", "login -u bob \\\n  -p … host"),
        ("login -u bob -p \\\n  s3cr3t host", "login -u bob -p \\\n  … host"),
        ("login ghcr.io \\\n  s3cr3t\ntags a b", "login ghcr.io \\\n  …\ntags a b"),
        ("login localhost", ""), ("login quay.io", ""), ("login $host", ""),
        // What is no mistake, and no login.
        ("login --username robot --password-stdin quay.io/team < t.txt", ""), ("login -u bob host:1 | {Status}", ""),
        ("login --dry-run --limit-rate 1MB localhost:5000 # for me", ""), ("help login now then", ""), ("login", ""),
        ("echo login a b c", ""), ("login $host; tags $host/app x", ""), ("x = login ghcr.io\ntags a b", ""),
    ])
    func hidesWhatNoLoginTakes(_ line: String, _ shown: String) {
        let bytes = Array(line.utf8)
        let secrets = SecretMask.ranges(in: bytes, isLine: true)
        #expect(SecretMask.replacing(secrets, in: bytes).text == (shown.isEmpty ? line : shown))
        #expect(SecretMask.finds(in: line) == !shown.isEmpty)
        // A message may quote the word.
        if line.contains("s3cr3t") { #expect(!SecretMask.masked("no s3cr3t", line: line).contains("s3cr3t")) }
    }

    /// The line that is shown need not be the one that the `login` stands on.
    @Test func excerptsOfLinesThatGoOn() {
        let text = "login -u bob \\\n  --pasword s3cr3t \\\n  host\ntags x"
        for (word, line) in [("--pasword", 2), ("s3cr3t", 2), ("host", 3), ("bob", 1)] {
            let start =
                text.firstRange(of: word).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
            let shown = Diagnostic(
                code: "usage", message: "no s3cr3t",
                span: Span(source: Source(name: "f", text: text), start: start, end: start + word.utf8.count)
            ).render()
            #expect(!shown.contains("s3cr3t") && shown.contains("--> f:\(line):"), "\(shown)")
        }
    }

    /// Slips in the command's name, and what other programs call a login.
    @Test(arguments: [
        "lgoin -u me -p s3cr3t host", "docker logni -u me --password=s3cr3t host", "time login host s3cr3t",
        "!skopeo copy --dest-creds me:s3cr3t docker://a docker://b", "copy a b --src-creds=me:s3cr3t",
        "x --creds 'me:s3cr3t'",
    ]) func likenesses(line: String) {
        #expect(SecretMask.finds(in: line))
        #expect(!SecretMask.masked("no s3cr3t", line: line).contains("s3cr3t"))
    }

    @Test(arguments: ["images -p 3", "!mysql -u me", "tags --detail creds", "copy a b -p linux/amd64"])
    func noSecrets(line: String) { #expect(!SecretMask.finds(in: line)) }

    @Test func excerptsHideThemAndPointAtTheSamePlace() {
        func render(_ line: String, _ word: String, message: String = "m") -> String {
            let text = "first\n" + line
            let start =
                text.firstRange(of: word).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
            return Diagnostic(
                code: "usage", message: message,
                span: Span(source: Source(name: "f", text: text), start: start, end: start + word.utf8.count)
            ).render()
        }
        #expect(
            render("login -ps3cret host --x", "--x", message: "no s3cret at http://a:b@c") == """
                error[usage]: no … at http://…@c
                  --> f:2:21
                 2 | login -p… host --x
                   |                ^^^
                """)
        #expect(
            render("tags http://bob:pw@host/x y", "http://bob:pw@host/x") == """
                error[usage]: m
                  --> f:2:6
                 2 | tags http://…@host/x y
                   |      ^^^^^^^^^^^^^^^
                """)
        #expect(
            render("login -p s3cret host", "s3cret") == """
                error[usage]: m
                  --> f:2:10
                 2 | login -p … host
                   |          ^
                """)
    }
}

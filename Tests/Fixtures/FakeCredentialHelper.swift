import Foundation

/// A `docker-credential-NAME` of a test's own, a shell script with a directory for its logins: the protocol of
/// docker/docker-credential-helpers, and every way to fail at it.
package struct FakeCredentialHelper: Sendable {
    package enum Behaviour: Sendable {
        case normal
        /// Sleeps before it answers.
        case slow(seconds: Int)
        /// Answers without end.
        case endless
        /// Fails with that text on its standard output.
        case failing(String)
        /// Fails with that text on its standard error, and another one on its standard output.
        case complaining(String, output: String)
        /// Answers `get` with that text.
        case answering(String)
        /// Answers, and leaves a process behind that holds its output open.
        case daemon
    }

    private let directory = TemporaryDirectory()
    package let name: String

    package init(_ name: String = "test", _ behaviour: Behaviour = .normal) {
        self.name = name
        directory.directory("logins")
        let extra =
            switch behaviour {
            case .normal: ""
            case .slow(let seconds): "sleep \(seconds)"
            case .endless: "exec cat /dev/zero"
            case .failing(let text): "cat >/dev/null; echo '\(text)'; exit 1"
            case .complaining(let text, let output):
                "cat >/dev/null; printf '%s' '\(output)'; echo '\(text)' >&2; exit 1"
            case .answering(let text): "if [ \"$1\" = get ]; then cat >/dev/null; printf '%s' '\(text)'; exit 0; fi"
            case .daemon: "sleep 300 &"
            }
        let path = directory.write(
            "docker-credential-\(name)",
            """
            #!/bin/sh
            # Every call: its arguments, and what was on its standard input.
            dir='\(directory.path)'
            echo "$$ $*" >>"$dir/calls"
            \(extra)
            file() { printf '%s/logins/%s' "$dir" "$(printf '%s' "$1" | tr '/:' '__')"; }
            case "$1" in
            get)
                input=$(cat); echo "get $input" >>"$dir/input"
                if [ -f "$(file "$input")" ]; then cat "$(file "$input")"; else
                    echo 'credentials not found in native keychain'; exit 1; fi ;;
            store)
                input=$(cat); echo "store $input" >>"$dir/input"
                url=$(printf '%s' "$input" | jq -r .ServerURL); printf '%s' "$input" >"$(file "$url")" ;;
            erase)
                input=$(cat); echo "erase $input" >>"$dir/input"
                if [ -f "$(file "$input")" ]; then rm "$(file "$input")"; else
                    echo 'credentials not found in native keychain'; exit 1; fi ;;
            list)
                echo list >>"$dir/input"
                cat /dev/null "$dir"/logins/* 2>/dev/null | jq -s 'map({(.ServerURL): .Username}) | add // {}' ;;
            *) exit 2 ;;
            esac
            """)
        chmod(path, 0o755)
    }

    /// `PATH` with the helper in front.
    package var path: String {
        directory.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    /// Gives it a login.
    package func add(_ server: String, _ username: String, _ secret: String) {
        let name = server.map { $0 == "/" || $0 == ":" ? "_" : String($0) }.joined()
        _ = directory.write(
            "logins/\(name)",
            "{\"ServerURL\":\"\(server)\",\"Username\":\"\(username)\",\"Secret\":\"\(secret)\"}")
    }

    private func lines(_ name: String) -> [String] {
        String(decoding: readFile(directory.path + "/" + name) ?? [], as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    /// The arguments of every call so far.
    package var calls: [String] { lines("calls").map { String($0.drop { $0 != " " }.dropFirst()) } }
    /// `action input` of every call so far.
    package var inputs: [String] { lines("input") }
    /// The process ids of every call so far.
    package var processes: [Int32] { lines("calls").compactMap { Int32($0.prefix { $0 != " " }) } }
}

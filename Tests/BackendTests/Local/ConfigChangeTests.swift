import JSON
import Testing

@testable import Backend

@Suite struct ConfigChangeTests {
    static let good: [([String], String)] = [
        (["ENV A=1"], #"{"Env":["A=1"]}"#),
        (["ENV A=1 B='two words'", "ENV A=3"], #"{"Env":["B=two words","A=3"]}"#),
        (["ENV GREETING hello to all"], #"{"Env":["GREETING=hello to all"]}"#),
        ([#"CMD ["sh", "-c", "x"]"#], #"{"Cmd":["sh","-c","x"]}"#),
        (["cmd echo hi"], #"{"Cmd":["/bin/sh","-c","echo hi"]}"#),
        ([#"ENTRYPOINT ["/run"]"#], #"{"Entrypoint":["/run"]}"#),
        (
            ["EXPOSE 80 53/udp 8000-8002/tcp"],
            #"{"ExposedPorts":{"80/tcp":{},"53/udp":{},"8000/tcp":{},"8001/tcp":{},"8002/tcp":{}}}"#
        ),
        ([#"LABEL a="b c" d=e"#], #"{"Labels":{"a":"b c","d":"e"}}"#),
        (["USER nobody:nogroup"], #"{"User":"nobody:nogroup"}"#),
        (["WORKDIR /a", "WORKDIR b/../c"], #"{"WorkingDir":"/a/c"}"#),
        ([#"VOLUME ["/data"]"#, "VOLUME /log /tmp"], #"{"Volumes":{"/data":{},"/log":{},"/tmp":{}}}"#),
        (["STOPSIGNAL SIGQUIT"], #"{"StopSignal":"SIGQUIT"}"#),
        (["  ENV A=1"], #"{"Env":["A=1"]}"#),
    ]

    @Test(arguments: good) func applies(_ lines: [String], _ expected: String) throws {
        var change = ConfigChange()
        for line in lines { try change.apply(line) }
        #expect(JSONValue.object(change.config).compact == expected)
    }

    @Test(arguments: [
        ("RUN echo", "RUN is not a valid change command"), ("ENV", "ENV requires at least one argument"),
        ("ENV A", "ENV must have two arguments"), ("LABEL a=b c", "Syntax error - can't find = in \"c\""),
        ("EXPOSE eighty", "invalid containerPort: eighty"), ("EXPOSE 99999", "invalid containerPort: 99999"),
        ("EXPOSE 80/icmp", "invalid containerPort: 80/icmp"), ("", "is not a valid change command"),
    ]) func refuses(_ line: String, _ part: String) {
        var change = ConfigChange()
        do {
            try change.apply(line)
            Issue.record("accepted \(line)")
        } catch {
            #expect(error.code == .usage)
            #expect(error.message.contains(part), "\(error.message)")
        }
    }
}

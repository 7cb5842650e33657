import JSON
import Testing

@testable import Backend

/// What Docker's engine 20.10 made of the same instructions; STOPSIGNAL and --start-interval, which it does not take yet,
/// follow moby's source.
@Suite struct ConfigChangeTests {
    static let good: [([String], String)] = [
        ([], "{}"),
        (["ENV A=1"], #"{"Env":["A=1"]}"#),
        (["ENV A=1 B='two words'", "ENV A=3"], #"{"Env":["A=3","B=two words"]}"#),
        (["ENV GREETING hello to all"], #"{"Env":["GREETING=hello to all"]}"#),
        (
            ["ENV A=1", #"ENV B=$A/x C=${A}y D=${Z:-def} E=${A:+alt} F=\$A G="$A" H='$A'"#],
            #"{"Env":["A=1","B=1/x","C=1y","D=def","E=alt","F=$A","G=1","H=$A"]}"#
        ),
        (["ENV A=1 B=$A"], #"{"Env":["A=1","B="]}"#),
        (["ENV A b $A c"], #"{"Env":["A=b  c"]}"#),
        ([#"ENV A=a\ b"#, #"ENV B='x'y"z""#, #"ENV C="a\"b""#], #"{"Env":["A=a b","B=xyz","C=a\"b"]}"#),
        ([#"ENV A="a\nb" B=b=c C=x$1$@y D=$ a.b-c=1"#], #"{"Env":["A=a\\nb","B=b=c","C=xy","D=$","a.b-c=1"]}"#),
        (["ENV A=1\nENV B=2", "# a comment", ""], #"{"Env":["A=1","B=2"]}"#),
        ([#"ENV A=1 \"#, "B=2"], #"{"Env":["A=1","B=2"]}"#),
        ([#"CMD ["sh", "-c", "x"]"#], #"{"Cmd":["sh","-c","x"]}"#),
        (["cmd echo hi"], #"{"Cmd":["/bin/sh","-c","echo hi"]}"#),
        ([#"CMD echo "a  b"   $HOME "#], #"{"Cmd":["/bin/sh","-c","echo \"a  b\"   $HOME"]}"#),
        ([#"CMD ["a""#], #"{"Cmd":["/bin/sh","-c","[\"a\""]}"#),
        ([#"ENTRYPOINT ["/run"]"#], #"{"Entrypoint":["/run"]}"#),
        (
            ["EXPOSE 80 53/UDP 8000-8002/tcp 8080:81 127.0.0.1:1:82/sctp 0"],
            #"{"ExposedPorts":{"80/tcp":{},"53/udp":{},"8000/tcp":{},"8001/tcp":{},"8002/tcp":{},"81/tcp":{},"82/sctp":{},"0/tcp":{}}}"#
        ),
        ([#"LABEL a="b c" d=e "f g"=h"#], #"{"Labels":{"a":"b c","d":"e","f g":"h"}}"#),
        (["LABEL a=$HOME", "ENV HOME=/x", "LABEL b=$HOME"], #"{"Labels":{"a":"","b":"/x"},"Env":["HOME=/x"]}"#),
        ([#"LABEL a="line \"#, #"two""#], #"{"Labels":{"a":"line two"}}"#),
        (["USER nobody:nogroup"], #"{"User":"nobody:nogroup"}"#), (["USER a b"], #"{"User":"a b"}"#),
        (["WORKDIR /a", "WORKDIR b/../c"], #"{"WorkingDir":"/a/c"}"#), (["WORKDIR $X/y"], #"{"WorkingDir":"/y"}"#),
        ([#"VOLUME ["/data"]"#, "VOLUME /log /tmp"], #"{"Volumes":{"/data":{},"/log":{},"/tmp":{}}}"#),
        (["STOPSIGNAL SIGQUIT"], #"{"StopSignal":"SIGQUIT"}"#), (["STOPSIGNAL rtmin+3"], #"{"StopSignal":"rtmin+3"}"#),
        (["STOPSIGNAL 9"], #"{"StopSignal":"9"}"#),
        (["onbuild run  x   y", "ONBUILD ADD . /"], #"{"OnBuild":["run  x   y","ADD . /"]}"#),
        (["HEALTHCHECK NONE"], #"{"Healthcheck":{"Test":["NONE"]}}"#),
        (["HEALTHCHECK --interval=5s NONE"], #"{"Healthcheck":{"Test":["NONE"]}}"#),
        (["healthcheck cmd curl -f http://x"], #"{"Healthcheck":{"Test":["CMD-SHELL","curl -f http://x"]}}"#),
        (
            [#"HEALTHCHECK --interval=30s --timeout=1m30s --start-period=5s --retries=3 CMD ["a","b"]"#],
            #"{"Healthcheck":{"Test":["CMD","a","b"],"Interval":30000000000,"Timeout":90000000000,"StartPeriod":5000000000,"Retries":3}}"#
        ),
        (
            ["HEALTHCHECK --start-interval=5s CMD a"],
            #"{"Healthcheck":{"Test":["CMD-SHELL","a"],"StartInterval":5000000000}}"#
        ),
        (["  ENV A=1"], #"{"Env":["A=1"]}"#),
    ]

    @Test(arguments: good) func applies(_ lines: [String], _ expected: String) throws {
        var change = ConfigChange()
        try change.apply(lines)
        #expect(JSONValue.object(change.config).compact == expected)
    }

    @Test(arguments: [
        ("RUN echo", "run is not a valid change command"), ("SHELL [\"x\"]", "shell is not a valid change command"),
        ("", "file with no instructions"), ("# c", "file with no instructions"),
        ("ENV", "ENV requires at least one argument"), ("ENV A", "ENV must have two arguments"),
        ("ENV =x", "ENV names can not be blank"),
        ("LABEL a=b c", "Syntax error - can't find = in \"c\". Must be of the form: name=value"),
        (
            "ENV A=b \"c d=e",
            "failed to process \"\\\"c d\": unexpected end of statement while looking for matching double-quote"
        ),
        ("ENV A=${", "failed to process \"${\": syntax error: missing '}'"),
        ("ENV A=${B", "failed to process \"${B\": missing ':' in substitution"),
        ("ENV A=${B:?x}", "failed to process \"${B:?x}\": B: x"),
        ("EXPOSE", "EXPOSE requires at least one argument"), ("EXPOSE eighty", "Invalid containerPort: eighty"),
        ("EXPOSE 99999", "Invalid containerPort: 99999"), ("EXPOSE 9-3", "Invalid containerPort: 9-3"),
        ("EXPOSE 80-", "Invalid containerPort: 80-"), ("EXPOSE 80/icmp", "Invalid proto: icmp"),
        ("EXPOSE /tcp", "No port specified: /tcp<empty>"), ("EXPOSE --foo 1", "Unknown flag: foo"),
        ("CMD [\"a\", 1]", "when using JSON array syntax, arrays must be comprised of strings only"),
        ("CMD --foo a", "Unknown flag: foo"), ("USER", "USER requires exactly one argument"),
        ("WORKDIR", "WORKDIR requires exactly one argument"), ("VOLUME []", "VOLUME requires at least one argument"),
        ("VOLUME \"\"", "VOLUME specified can not be an empty string"),
        ("VOLUME [\" \"]", "VOLUME specified can not be an empty string"),
        ("STOPSIGNAL FOO", "invalid signal: FOO"), ("STOPSIGNAL 0", "invalid signal: 0"),
        ("ONBUILD", "ONBUILD requires at least one argument"),
        ("ONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("ONBUILD from x", "FROM isn't allowed as an ONBUILD trigger"),
        ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK --interval=5s", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK FOO x", "Unknown type \"FOO\" in HEALTHCHECK (try CMD)"),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK CMD []", "Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK --interval=1 CMD a", "time: missing unit in duration \"1\""),
        ("HEALTHCHECK --interval=1us CMD a", "Interval \"interval\" cannot be less than 1ms"),
        ("HEALTHCHECK --interval=-5s CMD a", "Interval \"interval\" cannot be less than 1ms"),
        ("HEALTHCHECK --retries=0 CMD a", "--retries must be at least 1 (not 0)"),
        ("HEALTHCHECK --retries=x CMD a", "strconv.ParseInt: parsing \"x\": invalid syntax"),
        ("HEALTHCHECK --nope=1 CMD a", "Unknown flag: nope"),
        ("HEALTHCHECK --interval CMD a", "Missing a value on flag: interval"),
        ("HEALTHCHECK --interval=1s --interval=2s CMD a", "Duplicate flag specified: interval"),
    ]) func refuses(_ line: String, _ message: String) {
        var change = ConfigChange()
        #expect { try change.apply([line]) } throws: { error in
            let error = error as? BackendError
            return error?.code == .usage && error?.message == message
        }
    }
}

import Fixtures
import Foundation
import JSON
import Testing

/// Kills, full disks and neighbours leave the store whole. One after another: they are about moments in time.
@Suite(.serialized) struct FaultTests {
    @Test func killsInAPullLeaveTheStoreWhole() throws {
        let sandbox = Sandbox()
        // A neighbour that must survive everything.
        try #require(sandbox.dsh("pull alpine:3.19").code == 0)
        let start = Date()
        try #require(sandbox.dsh("pull lab/big:1").code == 0)
        let whole = Date().timeIntervalSince(start)
        var random = SystemRandomNumberGenerator()
        var cut = 0
        for round in 1...50 {
            if expectValidStore(sandbox.store).references.contains("docker.io/lab/big:1") {
                try #require(sandbox.dsh("rmi lab/big:1").code == 0)
            }
            let pull = sandbox.start(["-c", "pull lab/big:1"])
            usleep(UInt32(Double.random(in: 0...whole, using: &random) * 1e6))
            pull.signal(SIGKILL)
            if pull.wait().code == 128 + SIGKILL { cut += 1 }
            let audit = expectValidStore(sandbox.store, after: "kill \(round) of a pull")
            #expect(audit.references.contains("docker.io/library/alpine:3.19"))
            let images = value(sandbox.dsh("images"))
            #expect(images.arrayValue?.count == audit.references.count, "\(images.compact) \(audit.references)")
        }
        #expect(cut > 10, "only \(cut) of 50 pulls were still running when killed")
        let again = sandbox.dsh("pull lab/big:1")
        #expect(again.code == 0, "\(again)")
        #expect(expectValidStore(sandbox.store).references.count == 2)
        for command in ["images", "inspect lab/big:1", "history lab/big:1", "rmi lab/big:1"] {
            #expect(sandbox.dsh(command).code == 0, "\(command)")
        }
    }

    @Test func killsInARemovalLeaveTheStoreWhole() throws {
        let sandbox = Sandbox()
        let names = ["nginx", "nginx:1.25", "node:20", "lab/many:120"]
        try #require(sandbox.dsh("pull alpine:3.19 \(names.joined(separator: " "))").code == 0)
        let template = sandbox.directory.path + "/template"
        try FileManager.default.copyItem(atPath: sandbox.store, toPath: template)
        let start = Date()
        try #require(sandbox.dsh("rmi \(names.joined(separator: " "))").code == 0)
        let whole = Date().timeIntervalSince(start)
        for round in 1...50 {
            try FileManager.default.removeItem(atPath: sandbox.store)
            try FileManager.default.copyItem(atPath: template, toPath: sandbox.store)
            let removal = sandbox.start(["-c", "rmi \(names.joined(separator: " "))"])
            usleep(UInt32(Double.random(in: 0...(whole * 1.1)) * 1e6))
            removal.signal(SIGKILL)
            _ = removal.wait()
            let audit = expectValidStore(sandbox.store, after: "kill \(round) of an rmi")
            #expect(audit.references.contains("docker.io/library/alpine:3.19"))
            let left = value(sandbox.dsh("images")).arrayValue ?? []
            #expect(left.count == audit.references.count)
            let rest = names.filter { name in
                left.contains { $0["Reference"]?.stringValue == (name == "nginx" ? "nginx:latest" : name) }
            }
            if !rest.isEmpty {
                let again = sandbox.dsh("rmi \(rest.joined(separator: " "))")
                #expect(again.code == 0, "\(again)")
            }
            #expect(expectValidStore(sandbox.store).references == ["docker.io/library/alpine:3.19"])
        }
        #expect(sandbox.dsh("pull \(names.joined(separator: " "))").code == 0)
        #expect(expectValidStore(sandbox.store).references.count == 5)
    }

    @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs needs root"))
    func aFullDiskIsSaidAndLeavesTheStoreWhole() throws {
        let directory = TemporaryDirectory()
        let mount = directory.directory("small")
        let mounted = runTool("mount", "-t", "tmpfs", "-o", "size=9m", "dsh-test", mount)
        try #require(mounted.code == 0, "\(mounted)")
        defer { _ = runTool("umount", "-l", mount) }
        let sandbox = Sandbox(store: mount + "/store")
        try #require(sandbox.dsh("pull alpine:3.19").code == 0)
        let full = sandbox.dsh("pull lab/big:1")
        expectFailure(full, code: "no_space")
        #expect(expectValidStore(sandbox.store).references == ["docker.io/library/alpine:3.19"])
        for command in ["images", "inspect alpine:3.19", "history alpine:3.19", "rmi alpine:3.19"] {
            let result = sandbox.dsh(command)
            #expect(result.code == 0, "\(result)")
        }

        try #require(runTool("mount", "-o", "remount,size=64m", mount).code == 0)
        let again = sandbox.dsh("pull lab/big:1")
        #expect(again.code == 0, "\(again)")
        expectValidStore(sandbox.store)
    }

    @Test func twoPullAndOneRemovesAtOnce() throws {
        let sandbox = Sandbox()
        for round in 1...6 {
            let first = sandbox.start(["-c", "pull lab/big:1 nginx"])
            let second = sandbox.start(["-c", "pull lab/big:2 nginx:1.25"])
            for _ in 1...4 {
                let removal = sandbox.dsh("rmi lab/big:1 lab/big:2 nginx")
                // Nothing to remove yet, or removed: both are fine; anything else is not.
                #expect([0, 1].contains(removal.code), "\(removal)")
                if removal.code == 1 { #expect(removal.errors.contains("error[not_found]"), "\(removal)") }
                usleep(15_000)
            }
            for pull in [first, second] {
                let result = pull.wait(timeout: 60)
                #expect(result.code == 0, "\(result)")
            }
            let audit = expectValidStore(sandbox.store, after: "round \(round)")
            let images = value(sandbox.dsh("images")).arrayValue ?? []
            #expect(images.count == audit.references.count)
            for name in audit.references {
                #expect(sandbox.dsh("inspect \(name)").code == 0)
                #expect(sandbox.dsh("rmi \(name)").code == 0)
            }
        }
        #expect(expectValidStore(sandbox.store).references.isEmpty)
        // What was removed while a pull still held it may stay; the next pull and removal leave nothing of it.
        #expect(sandbox.dsh("pull lab/big:1 lab/big:2 nginx nginx:1.25").code == 0)
        #expect(sandbox.dsh("rmi lab/big:1 lab/big:2 nginx nginx:1.25").code == 0)
        let audit = expectValidStore(sandbox.store)
        #expect(audit.unreferenced.isEmpty, "left behind: \(audit.unreferenced)")
    }

    @Test func manyPullsOfTheSameImageAtOnceShareTheWork() throws {
        let sandbox = Sandbox()
        let pulls = (1...4).map { _ in sandbox.start(["-c", "pull lab/big:1"]) }
        for pull in pulls {
            let result = pull.wait(timeout: 60)
            #expect(result.code == 0, "\(result)")
        }
        #expect(expectValidStore(sandbox.store).references == ["docker.io/lab/big:1"])
    }
}

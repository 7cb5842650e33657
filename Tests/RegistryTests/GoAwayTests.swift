import Fixtures
import HTTP
import Testing

@testable import Registry

/// HTTP/2 servers that end a connection in good order while requests are on it, as load balancers do all the time.
@Suite struct GoAwayTests {
    private func client(attempts: Int = 4) throws -> RegistryClient {
        try registryClient(attempts: attempts, stall: .seconds(10)).with(TransportOverride(security: .unverified))
    }

    @Test(arguments: [GoAwayServer.Behaviour.before, .middle, .after])
    func whatWasOnTheConnectionIsAskedForAgain(_ behaviour: GoAwayServer.Behaviour) async throws {
        let server = GoAwayServer(behaviour, connections: 2)
        let client = try client()
        for _ in 0..<3 { try await client.ping(server.host) }
        // Nothing is asked for twice that was answered.
        let repeated = behaviour == .after ? 0 : 2
        #expect(server.requests == 3 + repeated)
    }

    @Test func aServerThatAlwaysDoesSoIsGivenUp() async throws {
        let server = GoAwayServer(.middle, connections: .max)
        let client = try client(attempts: 3)
        let error = await expectFailure(.network) { () throws(RegistryError) in try await client.ping(server.host) }
        #expect(error?.message.contains(server.host) == true)
        #expect(server.requests == 3)
    }
}

/// What Docker's client (28.2) can be asked, as its own help lists it: most of it has to do with containers, and is out of
/// a store's reach.
enum DockerCatalog {
    struct Section: Sendable {
        let title: String
        let rows: [(name: String, summary: String)]
    }

    /// A word that further commands stand behind.
    struct Group: Sendable {
        let name: String
        let summary: String
        let rows: [(name: String, summary: String)]
    }

    static let sections = [
        Section(
            title: "Common Commands",
            rows: [
                ("run", "Create and run a new container from an image"),
                ("exec", "Execute a command in a running container"), ("ps", "List containers"),
                ("build", "Build an image from a Dockerfile"), ("pull", "Download an image from a registry"),
                ("push", "Upload an image to a registry"), ("images", "List images"),
                ("login", "Authenticate to a registry"), ("logout", "Log out from a registry"),
                ("search", "Search Docker Hub for images"), ("version", "Show the Docker version information"),
                ("info", "Display system-wide information"),
            ]),
        Section(
            title: "Management Commands",
            rows: [
                ("builder", "Manage builds"), ("container", "Manage containers"), ("context", "Manage contexts"),
                ("image", "Manage images"), ("manifest", "Manage Docker image manifests and manifest lists"),
                ("network", "Manage networks"), ("plugin", "Manage plugins"), ("system", "Manage Docker"),
                ("trust", "Manage trust on Docker images"), ("volume", "Manage volumes"),
            ]),
        Section(
            title: "Swarm Commands",
            rows: [
                ("config", "Manage Swarm configs"), ("node", "Manage Swarm nodes"),
                ("secret", "Manage Swarm secrets"), ("service", "Manage Swarm services"),
                ("stack", "Manage Swarm stacks"), ("swarm", "Manage Swarm"),
            ]),
        Section(
            title: "Commands",
            rows: [
                ("attach", "Attach local standard input, output, and error streams to a running container"),
                ("commit", "Create a new image from a container's changes"),
                ("cp", "Copy files/folders between a container and the local filesystem"),
                ("create", "Create a new container"),
                ("diff", "Inspect changes to files or directories on a container's filesystem"),
                ("events", "Get real time events from the server"),
                ("export", "Export a container's filesystem as a tar archive"),
                ("history", "Show the history of an image"),
                ("import", "Import the contents from a tarball to create a filesystem image"),
                ("inspect", "Return low-level information on Docker objects"),
                ("kill", "Kill one or more running containers"),
                ("load", "Load an image from a tar archive or STDIN"), ("logs", "Fetch the logs of a container"),
                ("pause", "Pause all processes within one or more containers"),
                ("port", "List port mappings or a specific mapping for the container"),
                ("rename", "Rename a container"), ("restart", "Restart one or more containers"),
                ("rm", "Remove one or more containers"), ("rmi", "Remove one or more images"),
                ("save", "Save one or more images to a tar archive (streamed to STDOUT by default)"),
                ("start", "Start one or more stopped containers"),
                ("stats", "Display a live stream of container(s) resource usage statistics"),
                ("stop", "Stop one or more running containers"),
                ("tag", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE"),
                ("top", "Display the running processes of a container"),
                ("unpause", "Unpause all processes within one or more containers"),
                ("update", "Update configuration of one or more containers"),
                ("wait", "Block until one or more containers stop, then print their exit codes"),
            ]),
    ]

    private static let manifestSummary = """
        The **docker manifest** command has subcommands for managing image manifests and
        manifest lists. A manifest list allows you to use one name to refer to the same image
        built for multiple architectures.

        To see help for a subcommand, use:

            docker manifest CMD --help

        For full details on using docker manifest lists, see the registry v2 specification.

        \(experimental("docker manifest"))
        """

    /// What help says of commands that may change.
    static func experimental(_ name: String) -> String {
        """
        EXPERIMENTAL:
          \(name) is an experimental feature.
          Experimental features provide early access to product functionality. These
          features may change between releases without warning, or can be removed from a
          future release. Learn more about experimental features in our documentation:
          https://docs.docker.com/go/experimental/
        """
    }

    static let groups = [
        Group(
            name: "image", summary: "Manage images",
            rows: [
                ("build", "Build an image from a Dockerfile"), ("history", "Show the history of an image"),
                ("import", "Import the contents from a tarball to create a filesystem image"),
                ("inspect", "Display detailed information on one or more images"),
                ("load", "Load an image from a tar archive or STDIN"), ("ls", "List images"),
                ("prune", "Remove unused images"), ("pull", "Download an image from a registry"),
                ("push", "Upload an image to a registry"), ("rm", "Remove one or more images"),
                ("save", "Save one or more images to a tar archive (streamed to STDOUT by default)"),
                ("tag", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE"),
            ]),
        Group(
            name: "manifest", summary: manifestSummary,
            rows: [
                ("annotate", "Add additional information to a local image manifest"),
                ("create", "Create a local manifest list for annotating and pushing to a registry"),
                ("inspect", "Display an image manifest, or manifest list"),
                ("push", "Push a manifest list to a repository"),
                ("rm", "Delete one or more manifest lists from local storage"),
            ]),
        Group(
            name: "system", summary: "Manage Docker",
            rows: [
                ("df", "Show docker disk usage"), ("events", "Get real time events from the server"),
                ("info", "Display system-wide information"), ("prune", "Remove unused data"),
            ]),
    ]

    /// Whether the client has a command of that name which is not here.
    static func isElsewhere(_ path: [String]) -> Bool {
        guard let first = path.first else { return false }
        if let group = groups.first(where: { $0.name == first }) {
            return path.count > 1 && group.rows.contains { $0.name == path[1] }
        }
        return first == "buildx" || first == "compose" || sections.contains { $0.rows.contains { $0.name == first } }
    }

    /// Whether it is a command for images of several platforms, which dsh has by another name.
    static func isAboutIndexes(_ path: [String]) -> Bool { path.first == "manifest" || path.first == "buildx" }

    /// `docker help help`.
    static let helpOnHelp = "Usage:  docker help [command]\n\nHelp about the command\n"

    /// What `docker GROUP` says without a command: `manifest` begins with an empty line.
    static func usage(of group: Group) -> String { (group.name == "manifest" ? "\n" : "") + help(of: group) }

    /// `docker GROUP` and its help.
    static func help(of group: Group) -> String {
        """
        Usage:  docker \(group.name) COMMAND

        \(group.summary)

        Commands:
        \(columns(group.rows))

        Run 'docker \(group.name) COMMAND --help' for more information on a command.

        """
    }

    /// `docker --help`.
    static func help(environment: [String: String], width: Int) -> String {
        let lists = sections.map { "\($0.title):\n\(columns($0.rows))\n\n" }.joined()
        return """
            Usage:  docker [OPTIONS] COMMAND

            A self-sufficient runtime for containers

            \(lists)Global Options:
            \(DockerHelp.flags(DockerGlobalFlags.all(environment), width: width - 1))
            Run 'docker COMMAND --help' for more information on a command.

            For more help on how to use Docker, head to https://docs.docker.com/go/guides/

            """
    }

    private static func columns(_ rows: [(name: String, summary: String)]) -> String {
        // cobra pads to 11 at least, whatever the names are.
        let width = max(11, rows.map(\.name.count).max() ?? 0)
        return rows.map { name, summary in
            "  " + name + String(repeating: " ", count: width - name.count) + " " + summary
        }.joined(separator: "\n")
    }
}

package import OCI
import Store

/// What a copy is made from.
package enum ImageSource: Sendable {
    case registry(Reference)
    /// A name in the local store.
    case store(Reference)
    /// Another OCI layout, and the name that an image has in it where it has more than one.
    case layout(path: String, name: String?)
    /// A docker-archive or OCI archive, and the name of an image in it likewise. `kind` is what the user called it.
    case archive(kind: String, path: String, name: String?)
}

/// A source that was found: where it comes from, and what it is called.
struct OpenSource: Sendable {
    let origin: any ImageOrigin
    let root: Descriptor
    /// What messages and records call it.
    let shown: String
    /// The name that it has where it is; empty where it has none but its digest.
    let name: LayoutName
    /// The whole reference where it has one, with a digest where that is all there is.
    let reference: Reference?

    init(_ origin: any ImageOrigin, _ root: Descriptor, _ shown: String, reference: Reference) {
        self.init(origin, root, shown, name: LayoutName(reference), reference: reference)
    }

    init(_ origin: any ImageOrigin, _ root: Descriptor, _ shown: String, name: LayoutName) {
        self.init(origin, root, shown, name: name, reference: name.reference)
    }

    private init(
        _ origin: any ImageOrigin, _ root: Descriptor, _ shown: String, name: LayoutName, reference: Reference?
    ) {
        self.origin = origin
        self.root = root
        self.shown = shown
        self.name = name
        self.reference = reference
    }
}

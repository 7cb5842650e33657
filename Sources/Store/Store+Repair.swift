import Glibc
import Layers
import OCI

extension StoreFinding {
    /// Whether `repair` may be able to do something about it.
    package var isRepairable: Bool {
        switch kind {
        case .digestMismatch, .unreadable, .strayFile: !isDirectory
        case .badLayout: true
        case .badIndex, .badEntry, .missingBlob, .sizeMismatch, .badManifest, .partial, .unreferenced: false
        }
    }
}

extension Store {
    /// Does what can be done about a finding without the network; whether it did. A file that is not what its name says
    /// is put aside under `quarantine/`, so that the next pull fetches it; a missing or damaged `oci-layout` is written.
    /// A file that was changed since it was found stays. With `dryRun` nothing is done.
    ///
    /// Throws `io`, `timeout`.
    package func repair(_ finding: StoreFinding, dryRun: Bool = false) throws(StoreError) -> Bool {
        guard finding.isRepairable else { return false }
        return try locked(!dryRun) { () throws(StoreError) in
            finding.kind == .badLayout
                ? try writeLayout(dryRun: dryRun) : try quarantine(finding, dryRun: dryRun)
        }
    }

    private func writeLayout(dryRun: Bool) throws(StoreError) -> Bool {
        // What a later version says is not damage that can be written over; nor is there a store without an index.
        do throws(StoreError) {
            try checkLayoutFile()
            guard access(layout.layoutFile, F_OK) != 0 else { return false }
        } catch {
            guard error.code == .corrupt else { return false }
        }
        guard access(layout.indexFile, F_OK) == 0, (try? readIndex(checkingLayout: false)) != nil else { return false }
        let path = layout.layoutFile
        if !dryRun {
            try storing { () throws(SystemError) in
                try AtomicFile.write(Store.layoutBytes, to: path, durable: true)
            }
        }
        return true
    }

    private func quarantine(_ finding: StoreFinding, dryRun: Bool) throws(StoreError) -> Bool {
        let path = layout.root + "/" + finding.file
        guard let status = finding.status, (try? FileStatus(path: path)) == status else { return false }
        if dryRun { return true }
        let aside = layout.quarantine + "/" + finding.file.split(separator: "/").joined(separator: "-")
        let layout = layout
        try storing { () throws(SystemError) in
            try Directory.create(layout.quarantine)
            try Directory.rename(path, to: aside)
        }
        if let moved = try? FileStatus(path: aside), moved.inode != status.inode {
            // Another process committed a good one in between: that one goes back.
            _ = link(aside, path)
            unlink(aside)
            return false
        }
        if let digest = finding.digest {
            unlink(layout.facts(digest))
            unlink(layout.fileTable(digest))
        }
        // What was read of a damaged document may be remembered here.
        unlink(layout.summaries)
        unlink(layout.listing)
        return true
    }
}

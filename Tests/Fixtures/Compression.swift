import CCrypto
import CISAL
import CZstd

/// `sha256:` and the hex digest of `bytes`, straight from OpenSSL.
package func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    SHA256(bytes, bytes.count, &digest)
    return "sha256:" + hex(digest)
}

package func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}

/// One gzip member, without a name or a time, so that it is the same on every run.
package func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = isal_zstream()
    isal_deflate_stateless_init(&stream)
    stream.gzip_flag = UInt16(IGZIP_GZIP)
    stream.end_of_stream = 1
    var input = bytes
    let capacity = bytes.count + bytes.count / 8 + 1024
    var output = [UInt8](repeating: 0, count: capacity)
    let used = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target -> Int in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(capacity)
            let code = isal_deflate_stateless(&stream)
            precondition(code == COMP_OK, "the fixture's own buffer is too small for gzip")
            return Int(stream.total_out)
        }
    }
    return Array(output.prefix(used))
}

/// One zstd frame at the default level.
package func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let used = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
    precondition(ZSTD_isError(used) == 0, "zstd refused a fixture's bytes")
    return Array(output.prefix(used))
}

// What scripts/dev/fuzz runs: libFuzzer's entry, compiled together with Sources/Language. A trap, a hang or a broken
// promise is a finding; LanguageTests keeps each as a case.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    LanguageFuzz.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

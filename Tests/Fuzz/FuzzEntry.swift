// What scripts/dev/fuzz runs: libFuzzer's entry, compiled together with Sources/Language or Sources/GoTemplate. A trap, a
// hang or a broken promise is a finding; the tests of that module keep each as a case.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    #if FUZZ_TEMPLATE
        TemplateFuzz.check(bytes)
    #else
        LanguageFuzz.check(bytes)
    #endif
    return 0
}

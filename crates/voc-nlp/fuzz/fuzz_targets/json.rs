#![no_main]

#[allow(dead_code)]
#[path = "../../tests/fuzz/formats/mod.rs"]
mod formats;

libfuzzer_sys::fuzz_target!(|data: &[u8]| formats::json(data));

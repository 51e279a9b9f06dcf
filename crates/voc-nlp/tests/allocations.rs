//! Annotating allocates nothing, and reading a transcript not much. Alone in its binary, because the allocator counts
//! everything in it.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

#[path = "allocations/reading.rs"]
mod reading;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use sha2::{Digest, Sha256};
use voc_nlp::{
    Annotator, Calibration, CalibrationError, CallStage, CustomisationFile, Engine, FastStage, Language, MAX_CHARS,
    Tenants,
};

thread_local! {
    /// Number of allocations of this thread. Needs neither an allocation nor a destructor.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    /// Bytes that it has allocated, likewise.
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
    ALLOCATED.with(|allocated| allocated.set(allocated.get() + bytes));
}

/// The system's allocator with a counter.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: everything is delegated to the system's allocator, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size);
        // SAFETY: the caller keeps the same contract.
        unsafe { System.realloc(memory, layout, new_size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the same contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// How often `work` allocates on this thread.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    let before = ALLOCATIONS.get();
    let result = black_box(work());
    let after = ALLOCATIONS.get();
    drop(result);
    after - before
}

/// Texts of several sizes and kinds, from empty to longer than what is read.
fn texts() -> Vec<String> {
    let pieces = [
        "The refund never came, and the app keeps crashing: not good at all! :( ",
        "Não gostei; a cobrança está errada e ninguém resolve. Péssimo atendimento, são três meses assim… ",
        "GREAT service, soooo happy!!! 😍🎉 Thank you, Müller & naïve café — l’été ",
        "Добрый день, 你好, e\u{301} Z\u{300}\u{301}\u{302} \u{202e}\u{200b} ",
        "My name is Joy, @united isn`t Best Buy at https://x.example.com/y or a@b.example ",
        "thank you ",
        "supercalifragilisticexpialidocious inconstitucionalissimamente ",
    ];
    let sizes = [1, 10, 100, 1_000, 10_000];
    let repeated = pieces.iter().flat_map(|piece| sizes.map(|size| piece.chars().cycle().take(size).collect()));
    let long = pieces.map(|piece| piece.chars().cycle().take(2 * MAX_CHARS).collect());
    repeated.chain(long).chain([String::new(), " \n".to_owned()]).collect()
}

#[track_caller]
fn assert_none(what: &str, stage: impl Fn(&str) -> voc_nlp::Annotation, texts: &[String]) {
    // The very first text expands the built-in weights.
    stage("warm up");
    for text in texts {
        let start: String = text.chars().take(40).collect();
        assert_eq!(allocations(|| stage(text)), 0, "{what}: {} bytes beginning with {start:?}", text.len());
    }
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations(|| Box::new(1)), 1);
    assert_eq!(allocations(|| vec![0_u8; 100]), 1);
    assert!(allocations(|| Engine::built_in().explain("very good")) > 0);
}

#[test]
fn the_engine_allocates_nothing() {
    let engine = Engine::built_in();
    assert_none("built-in", |text| engine.annotate(text), &texts());
    let marked = "<p>Hi &amp; isn&#39;t <b class='x'>Best Buy</b>\\n<br>".repeat(100);
    assert_none("markup", |text| engine.annotate(text), &[marked]);
    let engine =
        engine.with_extra_words(&[("refund", -2.0), ("gostei", 1.0)], Language::Unknown).expect("single words");
    assert_none("extra words", |text| engine.annotate(text), &texts());
}

#[test]
fn calls_of_usual_length_allocate_nothing() {
    let turns = ["Agent: Thank you for calling!\n", "Customer: It never arrived, that's ridiculous.\n"];
    let call = |count: usize| turns.iter().copied().cycle().take(count).collect::<String>();
    // A text with markup is one of a structured format, which is decoded.
    let plain = texts().into_iter().filter(|text| !text.contains('&'));
    let calls: Vec<String> = [1, 2, 10, 60].map(call).into_iter().chain(plain).collect();
    let stage = CallStage::default();
    assert_none("calls", |text| stage.annotate(text), &calls);
    let annotator = Annotator::default();
    assert_none("annotator", |text| annotator.annotate(text), &calls);

    let tenants = Tenants::new(stage);
    let words = tenants
        .customise(&CustomisationFile::default().word("ridiculous", -4.0).brand("Best Call"))
        .expect("a single word");
    tenants.replace([("acme".to_owned(), words)]);
    assert_none("tenant", |text| tenants.annotate_for("acme", text), &calls);
}

/// With own words, of which every row counts.
fn calibration() -> Result<Calibration, CalibrationError> {
    let built_in = Engine::built_in();
    let engine = built_in.version();
    let mut file = b"VOCNLPCA\x01\0\0\0\0\0\0\0".to_vec();
    file.extend((engine.len() as u32).to_le_bytes());
    file.extend(engine.as_bytes());
    file.extend([0; 12]);
    file.extend([0.5_f32; 1 + 3 + 33 * 3].iter().flat_map(|number| number.to_le_bytes()));
    file.extend(8_192_u32.to_le_bytes());
    file.extend([7; 3 * 8_192]);
    file.extend(Sha256::digest(&file).as_slice());
    Calibration::read(&file)
}

#[test]
fn calibrations_allocate_nothing() {
    let engine = Engine::built_in().with_calibration(&calibration().expect("a calibration")).expect("its engine");
    assert_none("calibrated", |text| engine.annotate(text), &texts());
    let stage = CallStage::new(engine);
    let call = "Agent: Thank you for calling!\nCustomer: It never arrived, that's ridiculous.\n".repeat(20);
    assert_none("calibrated calls", |text| stage.annotate(text), &[call]);
}

use std::time::Instant;
use std::hint::black_box;
use voc_nlp::{Engine, FastStage, CallStage};
fn time(name: &str, f: impl Fn()) {
    let mut best = f64::MAX;
    for _ in 0..400 { let t = Instant::now(); for _ in 0..50 { f(); } best = best.min(t.elapsed().as_secs_f64() / 50.0); }
    println!("{name:<30} {:.2} µs", best * 1e6);
}
fn main() {
    let piece = "I ordered a new phone two weeks ago and it still has not arrived. The agent was friendly, but nobody could tell me where the parcel is. I would like a refund if it does not come by Friday, because this is not what I expected from your service. ";
    let text: String = piece.chars().cycle().take(2048).collect();
    let call = "Agent: Thank you for calling, how can I help you?\nCustomer: My order never arrived, that is ridiculous and I want a refund.\n".repeat(16);
    let engine = Engine::built_in();
    time("plain", || { black_box(engine.annotate(black_box(&text))); });
    let stage = CallStage::new(engine.clone());
    time("call", || { black_box(stage.annotate(black_box(&call))); });
    use sha2::{Digest, Sha256};
    for own in [false, true] {
        let mut file = b"VOCNLPCA\x01\0\0\0\0\0\0\0".to_vec();
        file.extend((engine.version().len() as u32).to_le_bytes());
        file.extend(engine.version().as_bytes());
        file.extend([0; 12]);
        file.extend([0.05_f32; 1 + 3 + 33 * 3].iter().flat_map(|n| n.to_le_bytes()));
        file.extend((if own { 8_192_u32 } else { 0 }).to_le_bytes());
        if own { file.extend((0..3 * 8192).map(|i| (i * 7) as u8)); }
        file.extend(Sha256::digest(&file).as_slice());
        let c = voc_nlp::Calibration::read(&file).unwrap();
        let e = engine.with_calibration(&c).unwrap();
        time(&format!("plain own {own}"), || { black_box(e.annotate(black_box(&text))); });
        let stage = CallStage::new(e);
        time(&format!("call own {own}"), || { black_box(stage.annotate(black_box(&call))); });
    }
}

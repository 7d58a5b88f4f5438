//! Camera networks: how long one frame takes to prepare, to infer and to decode, with each engine, on one thread.
//!
//! `cargo bench -p perception --bench camera` (or `make bench`). Needs `../shared` for networks and pictures.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

#[cfg(all(feature = "opencv", feature = "onnx"))]
fn main() {
    use std::path::Path;
    use std::time::Instant;

    use calibration::Timestamp;
    use perception::detect::camera::CameraDetector;
    use perception::detect::{EngineChoice, Loading};
    use perception::source::{self, Opening};
    use perception::{Detector, Image, Payload, SensorId};

    const FRAMES: usize = 20;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let picture = root.join("../../shared/data/camera/street_a_090.png");
    if !picture.is_file() {
        println!("skipped: no ../shared");
        return;
    }
    let opening = Opening::recording(SensorId("c".into()), Timestamp::from_millis(0));
    let frame = source::camera(&picture.display().to_string(), &opening).unwrap().next().unwrap().unwrap();
    let Payload::Image(image) = frame.payload else { return };
    let large = Image { width: 1920, height: 1080, data: enlarge(&image, 1920, 1080) };
    println!("| network | engine | picture | prepare ms | infer ms | decode ms |");
    println!("|---|---|---|---|---|---|");
    for name in ["yolox_nano_416", "deimv2_femto_416", "nanodet_m_320"] {
        for engine in [EngineChoice::Ort, EngineChoice::Rten] {
            let loading = Loading { engine, ..Loading::default() };
            let descriptor = root.join(format!("models/{name}.toml"));
            let mut detector = match CameraDetector::load(&descriptor, &loading) {
                Ok(detector) => detector,
                Err(why) => {
                    println!("skipped {name}: {why}");
                    continue;
                }
            };
            for image in [&image, &large] {
                let mut times = [const { Vec::new() }; 3];
                for _ in 0..FRAMES {
                    let start = Instant::now();
                    let fitted = detector.prepare(image).unwrap();
                    times[0].push(start.elapsed());
                    let start = Instant::now();
                    let raw = detector.infer(&fitted).unwrap();
                    times[1].push(start.elapsed());
                    let start = Instant::now();
                    std::hint::black_box(detector.decode(&raw, &fitted).unwrap());
                    times[2].push(start.elapsed());
                }
                let [a, b, c] = times.map(|mut t| {
                    t.sort();
                    t[FRAMES / 2].as_secs_f64() * 1e3
                });
                let (w, h) = (image.width, image.height);
                println!("| {name} | {} | {w} x {h} | {a:.2} | {b:.1} | {c:.2} |", detector.provider());
            }
        }
    }

    /// Nearest neighbour is enough to have many pixels.
    fn enlarge(image: &Image, width: usize, height: usize) -> Vec<u8> {
        let mut data = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let at = (y * image.height / height * image.width + x * image.width / width) * 3;
                data.extend_from_slice(&image.data[at..at + 3]);
            }
        }
        data
    }
}

#[cfg(not(all(feature = "opencv", feature = "onnx")))]
fn main() {
    println!("skipped: built without the features opencv and onnx");
}

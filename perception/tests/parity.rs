//! The camera networks give the boxes of an independent Python implementation (`../shared/data/camera/expected_*.json`),
//! on every picture, with both engines.
#![cfg(all(feature = "opencv", feature = "onnx"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use perception::detect::{self, EngineChoice, Loading, descriptor::Descriptor};
use perception::source::{self, Opening};
use perception::{DetectError, Detection, SensorId, Shape};
use serde::Deserialize;

const NETWORKS: [&str; 3] = ["yolox_nano_416", "deimv2_femto_416", "nanodet_m_320"];

#[derive(Deserialize)]
struct Expected {
    images: BTreeMap<String, Picture>,
}

#[derive(Deserialize)]
struct Picture {
    detections: Vec<Box>,
}

#[derive(Deserialize, Clone, Debug)]
struct Box {
    name: String,
    score: f32,
    #[serde(rename = "box")]
    corners: [f64; 4],
}

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

fn descriptor(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{name}.toml"))
}

fn opening() -> Opening {
    Opening::recording(SensorId("c".into()), Timestamp::from_millis(0))
}

fn iou(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    let w = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let h = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let area = |c: &[f64; 4]| (c[2] - c[0]) * (c[3] - c[1]);
    w * h / (area(a) + area(b) - w * h)
}

/// What the detector sees in one picture, with the data set's class names.
fn seen(name: &str, engine: EngineChoice, picture: &Path) -> Vec<Box> {
    let loading = Loading { engine, ..Loading::default() };
    let mut detector = detect::camera(&descriptor(name), &loading).unwrap();
    let labels = Descriptor::read(&descriptor(name)).unwrap();
    let frame = source::camera(&picture.display().to_string(), &opening()).unwrap().next().unwrap().unwrap();
    let to_box = |d: &Detection| {
        let Shape::Image(b) = d.shape else { panic!("a camera sees boxes in the picture") };
        Box { name: labels.label(d.class).to_owned(), score: d.score, corners: [b.x1, b.y1, b.x2, b.y2] }
    };
    detector.detect(&frame).unwrap().list.iter().map(to_box).collect()
}

/// Every expected box of 0.40 or more is there once, and nothing of 0.45 or more is there beside the expected ones.
fn compare(expected: &[Box], mut seen: Vec<Box>, what: &str) -> usize {
    let mut matched = 0;
    for e in expected {
        let same =
            |s: &Box| s.name == e.name && iou(&s.corners, &e.corners) >= 0.95 && (s.score - e.score).abs() <= 0.02;
        match seen.iter().position(same) {
            Some(i) => {
                seen.remove(i);
                matched += usize::from(e.score >= 0.40);
            }
            None => assert!(e.score < 0.40, "{what}: {e:?} is missing among {seen:?}"),
        }
    }
    let extra: Vec<_> = seen.iter().filter(|s| s.score >= 0.45).collect();
    assert!(extra.is_empty(), "{what}: {extra:?} should not be there");
    matched
}

fn parity(engine: EngineChoice) {
    let Some(shared) = shared() else { return };
    for name in NETWORKS {
        let text = std::fs::read_to_string(shared.join(format!("data/camera/expected_{name}.json"))).unwrap();
        let expected: Expected = serde_json::from_str(&text).unwrap();
        assert!(expected.images.len() >= 7);
        let mut matched = 0;
        for (stem, picture) in &expected.images {
            let file = shared.join(format!("data/camera/{stem}.png"));
            let what = format!("{name} on {stem} with {engine:?}");
            matched += compare(&picture.detections, seen(name, engine, &file), &what);
        }
        assert!(matched >= 10, "{name}: only {matched} boxes were compared");
    }
}

fn has_onnx_runtime() -> bool {
    let loading = Loading { engine: EngineChoice::Ort, ..Loading::default() };
    match detect::camera(&descriptor(NETWORKS[0]), &loading) {
        Ok(_) => true,
        Err(DetectError::NoModel { .. }) => false,
        Err(e) => {
            println!("skipped: {e}");
            assert!(e.to_string().contains("no ONNX Runtime library"), "{e}");
            false
        }
    }
}

#[test]
fn onnx_runtime_gives_the_reference_boxes() {
    if has_onnx_runtime() {
        parity(EngineChoice::Ort);
    }
}

#[test]
fn rten_gives_the_reference_boxes() {
    parity(EngineChoice::Rten);
}

#[test]
fn a_network_or_descriptor_of_another_kind_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let loading = |engine| Loading { engine, ..Loading::default() };
    let good = std::fs::read_to_string(descriptor("yolox_nano_416")).unwrap();
    let text = dir.path().join("network.onnx");
    std::fs::write(&text, "this is not a network").unwrap();
    let empty = dir.path().join("empty.onnx");
    std::fs::write(&empty, "").unwrap();
    for network in [&text, &empty] {
        let path = dir.path().join("d.toml");
        std::fs::write(&path, good.replace("yolox_nano_416.onnx", &network.display().to_string())).unwrap();
        for engine in [EngineChoice::Auto, EngineChoice::Rten] {
            let error = detect::camera(&path, &loading(engine)).map(|_| ()).unwrap_err();
            assert!(matches!(error, DetectError::Engine { .. }), "{error}");
        }
        let as_descriptor = detect::camera(network, &loading(EngineChoice::Rten)).map(|_| ()).unwrap_err();
        assert!(matches!(as_descriptor, DetectError::Descriptor { .. }), "{as_descriptor}");
    }
    if let Some(shared) = shared() {
        // A network of another family: its outputs do not fit.
        let path = dir.path().join("d.toml");
        let other = shared.join("models/nanodet_m_320.onnx");
        std::fs::write(&path, good.replace("yolox_nano_416.onnx", &other.display().to_string())).unwrap();
        for engine in [EngineChoice::Auto, EngineChoice::Rten] {
            let error = detect::camera(&path, &loading(engine)).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("cls_pred_stride_8"), "{error}");
        }
        // Another size than the network's.
        let path = dir.path().join("e.toml");
        std::fs::write(&path, good.replace("[416, 416]", "[320, 320]")).unwrap();
        let mut detector = detect::camera(
            &path,
            &Loading {
                engine: EngineChoice::Rten,
                onnx: Some(shared.join("models/yolox_nano_416.onnx")),
                ..Loading::default()
            },
        )
        .unwrap();
        let picture = shared.join("data/camera/yard_34.png");
        let frame = source::camera(&picture.display().to_string(), &opening()).unwrap().next().unwrap().unwrap();
        assert!(matches!(detector.detect(&frame), Err(DetectError::Run { .. })));
    }
}

#[test]
fn odd_pictures_are_looked_at_or_refused() {
    let Some(shared) = shared() else { return };
    let onnx = Some(shared.join("models/yolox_nano_416.onnx"));
    let loading = Loading { engine: EngineChoice::Rten, onnx, ..Loading::default() };
    let mut detector = detect::camera(&descriptor("yolox_nano_416"), &loading).unwrap();
    let mut look = |width: usize, height: usize, bytes: usize| {
        let image = perception::Image { width, height, data: vec![77; bytes] };
        let payload = perception::Payload::Image(image);
        let frame = perception::Frame { sensor: SensorId("c".into()), tov: Timestamp::from_millis(0), seq: 0, payload };
        detector.detect(&frame).map(|d| d.list.len())
    };
    assert!(look(1, 1, 3).is_ok());
    assert!(look(3000, 1, 9000).is_ok());
    assert!(look(0, 0, 0).is_err());
    assert!(look(10, 10, 299).unwrap_err().to_string().contains("299 bytes"));
    assert!(look(usize::MAX, 2, 3).is_err());
}

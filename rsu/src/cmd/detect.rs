//! `rsu detect`: what a detector sees in pictures, videos or lidar recordings, frame by frame.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use calibration::Timestamp;
use clap::ValueEnum;
use perception::detect::descriptor::Descriptor;
use perception::detect::{self, EngineChoice, Loading};
use perception::source::{self, Opening};
use perception::{Detection, Detector, Frame, SensorId, Shape, Source, SourceError};
use serde::Serialize;

use crate::cli::Global;
use crate::cmd::progress::Progress;
use crate::cmd::{self, Exit};

/// After so many damaged frames in a row a recording is given up.
const DAMAGED_IN_A_ROW: u32 = 100;

/// Arguments of `rsu detect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu detect street.mp4 --model perception/models/yolox_nano_416.toml --every 5
  rsu detect pictures/ --model yolox_nano_416.toml --json
  rsu detect sweep.bin --cluster

With --json one document a frame: boxes are [left, top, right, bottom] in pixels of a picture, and
x, y, z, length, width, height in metres and yaw in radians of a lidar (x forward, y left, z up).
Exit code: 0 done, 1 failed, 3 some frames could not be read.")]
pub struct Args {
    /// Picture, video, folder, or lidar recording (.pcap, .pcd, .bin)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Model descriptor (.toml); `cluster` for lidar clustering
    #[arg(short, long, value_name = "DESCRIPTOR")]
    pub model: Option<PathBuf>,
    /// Lidar clustering (what lidar recordings get anyway)
    #[arg(long, conflicts_with = "model")]
    pub cluster: bool,
    /// Network file instead of the descriptor's
    #[arg(long, value_name = "FILE")]
    pub onnx: Option<PathBuf>,
    /// What runs the network
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub engine: Engine,
    /// Score threshold instead of the descriptor's
    #[arg(long, value_name = "0..1", value_parser = score)]
    pub min_score: Option<f32>,
    /// Look at every Nth frame
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,
    /// Stop after N frames
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Lidar model of a packet capture
    #[arg(long, value_name = "MODEL", default_value = "vlp16")]
    pub lidar: String,
    /// Angles file of the lidar
    #[arg(long, value_name = "FILE")]
    pub angles: Option<PathBuf>,
}

/// What runs a network.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// ONNX Runtime when its library is there, else rten
    Auto,
    /// ONNX Runtime
    Ort,
    /// rten, pure Rust
    Rten,
}

fn score(text: &str) -> Result<f32, String> {
    text.parse().ok().filter(|s| (0.0..=1.0).contains(s)).ok_or_else(|| "a number from 0 to 1 is expected".to_owned())
}

/// A detector with the names it uses.
struct Eye {
    detector: Box<dyn Detector>,
    labels: Option<Descriptor>,
}

/// Looks at each frame.
///
/// # Errors
/// The recording or the model cannot be used at all.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let mut source = open(&args)?;
    let mut eye = eye(&args)?;
    if let Some(note) = eye.detector.note() {
        cmd::note(global, format_args!("note: {note}"));
    }
    let mut progress = Progress::new(global);
    let (mut looked, mut damaged, mut in_a_row) = (0u64, 0u64, 0u32);
    while args.limit.is_none_or(|most| looked < most) && in_a_row < DAMAGED_IN_A_ROW {
        let frame = match source.next() {
            Ok(Some(frame)) => frame,
            Ok(None) => break,
            Err(error) => {
                cmd::note(global, format_args!("warning: {error}"));
                damaged += 1;
                in_a_row += 1;
                continue;
            }
        };
        in_a_row = 0;
        if frame.seq % args.every != 0 {
            continue;
        }
        let seen = eye.detector.detect(&frame)?;
        looked += 1;
        progress.step();
        if global.json {
            progress.print(serde_json::to_string(&document(&frame, &seen.list, &eye))?)?;
        } else {
            progress.print(table(&frame, &seen.list, &eye))?;
        }
    }
    progress.finish();
    if let Some(fault) = source.health() {
        cmd::note(global, format_args!("warning: {fault}"));
    }
    match (looked, damaged) {
        (0, _) => Err(Exit::new(cmd::FAILED, format!("`{}` gave no frame", args.file.display())).into()),
        (_, 0) => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::from(cmd::LOSS)),
    }
}

fn open(args: &Args) -> anyhow::Result<Box<dyn Source>> {
    let url = args.file.to_string_lossy();
    if source::is_stream(&url) {
        let help = "write it as `url` of a [[camera]] into a configuration (`rsu init`), then `rsu run`";
        return Err(Exit::new(cmd::USAGE, format!("`{url}` is live; recordings are looked at here")).help(help).into());
    }
    let start = Timestamp::default();
    let sensor = SensorId(if is_lidar(args) { "lidar" } else { "camera" }.to_owned());
    let opening = Opening { angles: args.angles.clone(), ..Opening::recording(sensor, start) };
    let opened = if is_lidar(args) {
        source::lidar_file(&args.file, &args.lidar, &opening)
    } else {
        source::camera(&url, &opening)
    };
    opened.map_err(|error| {
        let help = match &error {
            SourceError::Missing { .. } => "look at the path; videos, pictures, folders, .pcap, .pcd and .bin are read",
            SourceError::NotBuilt { .. } => "cargo build --features opencv (needs libopencv-dev, clang, libclang-dev)",
            _ => "videos, pictures (.png, .jpg, .bmp), folders of them, .pcap, .pcd and .bin are read",
        };
        Exit::new(cmd::FAILED, error.to_string()).help(help).into()
    })
}

/// Whether the recording is a lidar's, by its name; a folder is when it holds such files and the user says so or nothing.
fn is_lidar(args: &Args) -> bool {
    let lidar = |path: &Path| {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
        matches!(extension.as_str(), "pcap" | "pcapng" | "cap" | "pcd" | "bin")
    };
    if args.file.is_dir() {
        let network = args.model.as_deref().is_some_and(|m| m != Path::new("cluster"));
        let mut entries = std::fs::read_dir(&args.file).into_iter().flatten().flatten();
        return !network && entries.any(|e| lidar(&e.path()));
    }
    lidar(&args.file)
}

fn eye(args: &Args) -> anyhow::Result<Eye> {
    let network = args.model.as_deref().filter(|m| *m != Path::new("cluster"));
    match (is_lidar(args), network) {
        (true, None) => Ok(Eye { detector: detect::clustering(), labels: None }),
        (false, Some(descriptor)) => {
            let engine = match args.engine {
                Engine::Auto => EngineChoice::Auto,
                Engine::Ort => EngineChoice::Ort,
                Engine::Rten => EngineChoice::Rten,
            };
            let loading = Loading { engine, min_score: args.min_score, onnx: args.onnx.clone(), ..Loading::default() };
            let detector = detect::camera(descriptor, &loading)
                .map_err(|e| Exit::new(cmd::FAILED, e.to_string()).help("descriptors lie in perception/models"))?;
            Ok(Eye { detector, labels: Some(Descriptor::read(descriptor)?) })
        }
        (true, Some(_)) => {
            let what = "camera networks look at pictures, this is a lidar recording";
            Err(Exit::new(cmd::USAGE, what).help("leave --model away: lidar recordings are clustered").into())
        }
        (false, None) => {
            let what = "pictures need a network";
            Err(Exit::new(cmd::USAGE, what).help("--model perception/models/yolox_nano_416.toml").into())
        }
    }
}

impl Eye {
    /// The class as the network's data set calls it.
    fn name(&self, detection: &Detection) -> String {
        self.labels.as_ref().map_or(detection.class.name(), |l| l.label(detection.class)).to_owned()
    }
}

/// `rsu.detect/1`, a line a frame.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    frame: u64,
    /// Seconds from the start of the recording; of a packet capture since 1970.
    time_s: f64,
    detections: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    class: String,
    score: f64,
    #[serde(rename = "box")]
    shape: Corners,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Corners {
    Image([f64; 4]),
    Space { x: f64, y: f64, z: f64, length: f64, width: f64, height: f64, yaw: Option<f64> },
}

fn document(frame: &Frame, list: &[Detection], eye: &Eye) -> Document {
    let line =
        |d: &Detection| Line { class: eye.name(d), score: round(f64::from(d.score), 4), shape: corners(&d.shape) };
    Document {
        schema: "rsu.detect/1",
        frame: frame.seq,
        time_s: round(frame.tov.as_secs_f64(), 6),
        detections: list.iter().map(line).collect(),
    }
}

fn corners(shape: &Shape) -> Corners {
    match shape {
        Shape::Image(b) => Corners::Image([b.x1, b.y1, b.x2, b.y2].map(|v| round(v, 2))),
        Shape::Space(b) => Corners::Space {
            x: round(b.centre.x, 3),
            y: round(b.centre.y, 3),
            z: round(b.centre.z, 3),
            length: round(b.size.length_m, 3),
            width: round(b.size.width_m, 3),
            height: round(b.size.height_m, 3),
            yaw: b.yaw.map(|y| round(y, 4)),
        },
    }
}

fn round(value: f64, digits: i32) -> f64 {
    let step = 10f64.powi(digits);
    (value * step).round() / step
}

fn table(frame: &Frame, list: &[Detection], eye: &Eye) -> String {
    let users = if list.len() == 1 { "road user" } else { "road users" };
    let mut text = format!("frame {}: {} {users}", frame.seq, list.len());
    for d in list {
        text += &format!("\n  {:<11} {:.2}  ", eye.name(d), d.score);
        text += &match d.shape {
            Shape::Image(b) => format!("left {:7.1}  top {:7.1}  right {:7.1}  bottom {:7.1}", b.x1, b.y1, b.x2, b.y2),
            Shape::Space(b) => {
                let yaw = b.yaw.map_or("   -".to_owned(), |y| format!("{:4.0}°", y.to_degrees()));
                format!(
                    "x {:7.2} m  y {:7.2} m  {:5.2} x {:.2} x {:.2} m  yaw {yaw}",
                    b.centre.x, b.centre.y, b.size.length_m, b.size.width_m, b.size.height_m
                )
            }
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use perception::{Box2d, Class, Payload, PointCloud};

    use super::*;

    #[test]
    fn a_frame_is_one_line_of_json_with_the_agreed_keys() {
        let shape = Shape::Image(Box2d { x1: 1.234_56, y1: 2.0, x2: 30.0, y2: 40.0 });
        let list = [Detection { class: Class::Car, score: 0.912_345, shape }];
        let payload = Payload::Cloud(PointCloud::default());
        let frame = Frame { sensor: SensorId("c".into()), tov: Timestamp::from_millis(1500), seq: 7, payload };
        let eye = Eye { detector: detect::clustering(), labels: None };
        let text = serde_json::to_string(&document(&frame, &list, &eye)).unwrap();
        assert_eq!(
            text,
            r#"{"schema":"rsu.detect/1","frame":7,"time_s":1.5,"detections":[{"class":"car","score":0.9123,"box":[1.23,2.0,30.0,40.0]}]}"#
        );
        assert!(table(&frame, &list, &eye).starts_with("frame 7: 1 road user\n  car"));
    }

    #[test]
    fn a_score_is_a_number_from_0_to_1() {
        assert_eq!(score("0.5"), Ok(0.5));
        assert!(score("1.5").is_err() && score("NaN").is_err() && score("x").is_err());
    }
}

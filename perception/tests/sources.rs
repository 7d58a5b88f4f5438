//! Sources on real recordings and on hostile files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use calibration::Timestamp;
use perception::source::lidar_udp::SweepReader;
use perception::source::lidar_udp::vlp16::{AzimuthRule, Return};
use perception::source::{self, Opening, SourceError};
use perception::{Frame, Payload, SensorId};

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no ../shared");
    None
}

fn opening() -> Opening {
    Opening::recording(SensorId("s".into()), Timestamp::from_millis(1_700_000_000_000))
}

fn vlp16(shared: &Path) -> (PathBuf, Opening) {
    let folder = shared.join("captures/lidar");
    let angles = Some(folder.join("velodyne_vlp16_angles.yaml"));
    (folder.join("velodyne_vlp16.pcap"), Opening { angles, ..opening() })
}

fn last_sweep(shared: &Path, rule: AzimuthRule) -> Vec<Return> {
    let (file, opening) = vlp16(shared);
    let mut reader = SweepReader::open(&file, "vlp16", rule, &opening).unwrap();
    let mut last = None;
    while let Some(sweep) = reader.next_sweep().unwrap() {
        last = Some(sweep);
    }
    assert_eq!(reader.packets(), (301, 0));
    last.unwrap().returns
}

/// Share of `points` that have one of `others` within a centimetre.
fn share_within_a_centimetre(points: &[[f32; 3]], others: &[[f32; 3]]) -> f64 {
    let near = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).map(|(p, q)| (p - q).powi(2)).sum::<f32>() <= 1e-4;
    points.iter().filter(|p| others.iter().any(|o| near(p, o))).count() as f64 / points.len() as f64
}

#[test]
fn vlp16_packets_give_the_reference_cloud() {
    let Some(shared) = shared() else { return };
    let bytes = std::fs::read(shared.join("captures/lidar/velodyne_vlp16_expected.pcd")).unwrap();
    let expected: Vec<_> = source::pcd::read(&bytes).unwrap().points.iter().map(|p| [p.x, p.y, p.z]).collect();
    assert_eq!(expected.len(), 14_831);
    let returns = last_sweep(&shared, AzimuthRule::Hold);
    let ours: Vec<_> = returns.iter().map(|r| [r.x, r.y, r.z]).collect();
    let (found, true_ones) = (share_within_a_centimetre(&expected, &ours), share_within_a_centimetre(&ours, &expected));
    println!(
        "{} points; {:.3} % of the reference found, {:.3} % of ours in it",
        ours.len(),
        found * 100.0,
        true_ones * 100.0
    );
    assert!(found >= 0.99 && true_ones >= 0.99);

    // The rotor does not stand still at the end of a packet: the true azimuths differ by up to 0.4°, no more.
    let exact: Vec<_> = last_sweep(&shared, AzimuthRule::Extrapolate).iter().map(|r| [r.x, r.y, r.z]).collect();
    assert_eq!(exact.len(), ours.len());
    let distance = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).map(|(p, q)| (p - q).powi(2)).sum::<f32>().sqrt();
    assert!(ours.iter().zip(&exact).all(|(a, b)| distance(a, b) < 0.1));
}

#[test]
fn a_capture_gives_whole_sweeps_with_times() {
    let Some(shared) = shared() else { return };
    let (file, opening) = vlp16(&shared);
    let mut source = source::lidar_file(&file, "vlp16", &opening).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = source.next().unwrap() {
        frames.push(frame);
    }
    assert_eq!(frames.len(), 2);
    let step = frames[1].tov.seconds_since(frames[0].tov);
    assert!((step - 0.1).abs() < 0.002, "10 turns a second, not {step} s");
    assert!(frames[0].tov.to_string().starts_with("2023-01-11T01:27:5"), "{}", frames[0].tov);
    assert_eq!(source.health(), None);
}

#[test]
fn real_lidar_files_are_read_in_both_widths() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/lidar");
    for (name, points) in [("openv2x_rs32_0.f64.bin", 57_600), ("albany_200_fg_gt.bin", 24_519)] {
        let mut source = source::lidar_file(&folder.join(name), "", &opening()).unwrap();
        let frame = source.next().unwrap().unwrap();
        let Payload::Cloud(cloud) = &frame.payload else { panic!("a cloud") };
        assert_eq!(cloud.points.len(), points, "{name}");
        assert!(cloud.points.iter().all(|p| p.x.abs() < 300.0 && p.y.abs() < 300.0 && p.z.abs() < 60.0));
        assert!(source.next().unwrap().is_none());
    }
}

#[test]
fn a_capture_cut_off_or_mixed_with_garbage_is_read_as_far_as_it_goes() {
    let Some(shared) = shared() else { return };
    let (file, opening) = vlp16(&shared);
    let whole = std::fs::read(&file).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.pcap");
    let outcome = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let mut source = source::lidar_file(&path, "vlp16", &opening)?;
        let mut frames = 0;
        while source.next()?.is_some() {
            frames += 1;
        }
        Ok::<_, SourceError>((frames, source.health()))
    };
    assert!(outcome(&whole[..whole.len() - 500]).unwrap_err().to_string().contains("ends inside"));
    assert!(outcome(&whole[..24]).unwrap_err().to_string().contains("no packet of this lidar"));
    assert!(outcome(b"").unwrap_err().to_string().contains("empty"));
    assert!(outcome(&vec![0x41; 5000]).unwrap_err().to_string().contains("not a packet capture"));
    // Every tenth packet is made one of another sensor.
    let mut mixed = whole.clone();
    let record = 16 + 1248;
    for i in (0..301).step_by(10) {
        mixed[24 + i * record + record - 1] = 0x28;
    }
    let (frames, health) = outcome(&mixed).unwrap();
    assert!(frames >= 1);
    assert!(health.unwrap().starts_with("31 packets"), "what was dropped is said");
    assert!(matches!(source::lidar_file(&file, "vlp99", &opening), Err(SourceError::Model { .. })));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for error in [
        source::lidar_file(Path::new("/no/such/file.pcd"), "vlp16", &opening()).map(|_| ()).unwrap_err(),
        source::lidar_file(Path::new("Cargo.toml"), "vlp16", &opening()).map(|_| ()).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("/no/such/file.pcd") || text.contains("Cargo.toml"), "{text}");
    }
}

#[test]
fn live_lidar_packets_become_frames_and_silence_is_told() {
    use std::net::UdpSocket;
    use std::sync::Arc;
    use std::time::Duration;

    let Some(shared) = shared() else { return };
    let (file, opening) = vlp16(&shared);
    let clock = source::Clock(Arc::new(|| Timestamp::from_millis(1_700_000_000_000)));
    let opening = Opening { clock: Some(clock), silent_after: Duration::from_millis(50), ..opening };
    assert!(matches!(
        source::lidar_udp("127.0.0.1:0", "vlp16", &Opening { clock: None, ..opening.clone() }),
        Err(SourceError::NoClock { .. })
    ));
    // A free port: bound, looked at, given back.
    let probe = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = probe.local_addr().unwrap();
    drop(probe);
    let mut source = source::lidar_udp(&address.to_string(), "vlp16", &opening).unwrap();
    assert!(matches!(source.next(), Err(SourceError::Silent { .. })));
    assert!(source.health().unwrap().contains("no data"));

    let whole = std::fs::read(&file).unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(b"noise", address).unwrap();
    let mut got: Option<Frame> = None;
    for round in 0..20 {
        for packet in whole[24..].chunks_exact(16 + 1248) {
            sender.send_to(&packet[16 + 42..], address).unwrap();
        }
        got = source.next().ok().flatten();
        if got.is_some() {
            break;
        }
        assert!(round < 19, "no frame in twenty rounds of two turns");
    }
    let Payload::Cloud(cloud) = got.unwrap().payload else { panic!("a cloud") };
    assert!(cloud.points.len() > 5_000);
    assert_eq!(source.health(), None);
}

#[cfg(feature = "opencv")]
mod camera {
    use super::*;

    fn video(name: &str) -> Option<String> {
        Some(shared()?.join("data/camera").join(name).display().to_string())
    }

    #[test]
    fn a_video_gives_all_its_frames_with_its_own_times() {
        let Some(url) = video("street_a.mp4") else { return };
        let mut source = source::camera(&url, &opening()).unwrap();
        let mut tovs = Vec::new();
        while let Some(frame) = source.next().unwrap() {
            let Payload::Image(image) = &frame.payload else { panic!("a picture") };
            assert_eq!((image.width, image.height), (640, 352));
            assert_eq!(frame.seq, tovs.len() as u64);
            tovs.push(frame.tov.seconds_since(opening().start));
        }
        assert_eq!(tovs.len(), 432);
        assert!(tovs[0].abs() < 0.1 && (tovs[431] - 431.0 / 24.0).abs() < 0.1, "{} {}", tovs[0], tovs[431]);
        let steps: Vec<f64> = tovs.windows(2).map(|w| w[1] - w[0]).collect();
        // One picture is missing in the file: its time is not made up.
        assert_eq!(steps.iter().filter(|s| (**s - 1.0 / 24.0).abs() > 0.001).count(), 1, "{steps:?}");
        assert!(steps.iter().all(|s| (0.04..0.09).contains(s)), "{steps:?}");
        assert_eq!(source.health(), None);
    }

    #[test]
    fn a_folder_of_pictures_is_read_in_order_and_a_still_one_is_frozen() {
        let Some(shared) = shared() else { return };
        let folder = shared.join("data/camera");
        let mut source = source::camera(&folder.display().to_string(), &opening()).unwrap();
        let mut sizes = Vec::new();
        while let Some(frame) = source.next().unwrap() {
            let Payload::Image(image) = frame.payload else { panic!("a picture") };
            sizes.push(image.width);
        }
        assert_eq!(sizes, [768, 640, 640, 640, 640, 480, 480]);
        assert_eq!(source.health(), None);

        let dir = tempfile::tempdir().unwrap();
        for i in 0..5 {
            std::fs::copy(folder.join("yard_34.png"), dir.path().join(format!("f{i}.png"))).unwrap();
        }
        let opening = Opening { frozen_after: 4, ..opening() };
        let mut source = source::camera(&dir.path().display().to_string(), &opening).unwrap();
        let mut faults = Vec::new();
        while source.next().unwrap().is_some() {
            faults.push(source.health().is_some());
        }
        assert_eq!(faults, [false, false, false, true, true]);
    }

    #[test]
    fn hostile_pictures_and_videos_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("empty.png", &b""[..]),
            ("text.jpg", b"hello"),
            ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\0\0\0\x01\0\x08\x02\0\0\0"),
            ("empty.mp4", b""),
            ("text.mp4", b"hello, I am no video at all"),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let error = source::camera(&path.display().to_string(), &opening())
                .and_then(|mut s| s.next())
                .map(|_| ())
                .unwrap_err();
            assert!(matches!(error, SourceError::Unreadable { .. }), "{name}: {error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        assert!(matches!(source::camera("/no/such.mp4", &opening()), Err(SourceError::Missing { .. })));
        let nothing = tempfile::tempdir().unwrap();
        assert!(source::camera(&nothing.path().display().to_string(), &opening()).is_err());
    }

    fn jpeg(png: &Path) -> Vec<u8> {
        use opencv::{core::Vector, imgcodecs};
        let picture = imgcodecs::imread(png, imgcodecs::IMREAD_COLOR).unwrap();
        let mut bytes = Vector::<u8>::new();
        imgcodecs::imencode(".jpg", &picture, &mut bytes, &Vector::new()).unwrap();
        bytes.iter().collect()
    }

    #[test]
    fn a_live_camera_gives_frames_and_tells_when_it_is_gone() {
        use std::io::{Read, Write};
        use std::net::TcpListener;
        use std::sync::Arc;
        use std::time::Duration;

        let Some(shared) = shared() else { return };
        let pictures: Vec<Vec<u8>> = ["street_a_030", "street_a_090", "street_a_150", "street_a_300"]
            .map(|name| jpeg(&shared.join(format!("data/camera/{name}.png"))))
            .to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            // One connection only, as a camera with motion JPEG does it: then the camera is gone.
            let _probe = listener.accept().unwrap();
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ =
                stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=pic\r\n\r\n");
            for i in 0..40 {
                let jpeg = &pictures[i % pictures.len()];
                let head = format!("--pic\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.len());
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(jpeg);
                let _ = stream.write_all(b"\r\n");
            }
        });
        let clock = source::Clock(Arc::new(|| Timestamp::from_millis(1_700_000_000_000)));
        let opening = Opening { silent_after: Duration::from_secs(5), ..Opening::live(SensorId("c".into()), clock) };
        let mut source = source::camera(&format!("http://user:secret@{address}/live"), &opening).unwrap();
        let frame = source.next().unwrap().unwrap();
        assert!(matches!(&frame.payload, Payload::Image(i) if i.width == 640));
        assert_eq!(source.health(), None);
        server.join().unwrap();
        let error = loop {
            if let Err(error) = source.next() {
                break error.to_string();
            }
        };
        assert!(error.contains("no data") && !error.contains("secret"), "{error}");
        assert!(source.health().unwrap().contains("no data"));
    }
}

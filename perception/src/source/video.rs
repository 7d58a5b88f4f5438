//! Video: files, whose time is in the stream, and live cameras, whose stream time is put on the caller's clock.

use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::freeze::Freeze;
use super::live::Slot;
use super::stamp::StreamClock;
use super::{Clock, Opening, Source, SourceError};
use crate::cv::Video;
use crate::frame::{Frame, Payload};
use crate::object::SensorId;

/// A stream that cannot be opened is tried again after this.
const RETRY: Duration = Duration::from_millis(500);
/// No camera may take longer than this to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A video file.
pub(super) struct VideoFile {
    video: Video,
    opening: Opening,
    rate_hz: f64,
    seq: u64,
    last_s: f64,
    freeze: Freeze,
    what: String,
}

impl VideoFile {
    pub(super) fn open(path: &Path, opening: &Opening) -> Result<Self, SourceError> {
        let video = Video::file(path).map_err(|why| SourceError::unreadable(path, format!("not a video: {why}")))?;
        let rate_hz = video.rate_hz().unwrap_or(opening.rate_hz).max(0.1);
        Ok(Self {
            video,
            rate_hz,
            opening: opening.clone(),
            seq: 0,
            last_s: 0.0,
            freeze: Freeze::new(opening.frozen_after),
            what: path.display().to_string(),
        })
    }

    /// Seconds from the start of the file: its own time stamp, or a step of the nominal rate when it has none or does not
    /// go on.
    fn place(&mut self, stamp: Option<f64>) -> f64 {
        let nominal = if self.seq == 0 { 0.0 } else { self.last_s + 1.0 / self.rate_hz };
        let most = nominal + 3600.0;
        self.last_s = stamp.filter(|s| self.seq == 0 || (*s > self.last_s && *s < most)).unwrap_or(nominal);
        self.last_s
    }
}

impl Source for VideoFile {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        let read = self.video.read().map_err(|why| SourceError::Unreadable { what: self.what.clone(), why })?;
        let Some((image, stamp)) = read else {
            if self.seq == 0 {
                self.seq = 1;
                let why = "not a single picture of this video can be decoded".to_owned();
                return Err(SourceError::Unreadable { what: self.what.clone(), why });
            }
            return Ok(None);
        };
        self.freeze.look(&image);
        let tov = self.opening.start.offset_secs(self.place(stamp));
        let seq = self.seq;
        self.seq += 1;
        Ok(Some(Frame { sensor: self.opening.sensor.clone(), tov, seq, payload: Payload::Image(image) }))
    }

    fn health(&self) -> Option<String> {
        self.freeze.fault()
    }
}

/// A live camera, read by a thread of its own so that the newest picture is always at hand.
pub(super) struct LiveVideo {
    slot: Arc<Slot>,
    url: String,
    silent_after: Duration,
    freeze: Freeze,
}

impl LiveVideo {
    pub(super) fn open(url: &str, opening: &Opening) -> Result<Self, SourceError> {
        let slot = Arc::new(Slot::default());
        let reader = Reader {
            url: url.to_owned(),
            clock: opening.clock(&without_password(url))?,
            sensor: opening.sensor.clone(),
            slot: slot.clone(),
            seq: 0,
        };
        thread::Builder::new()
            .name(format!("camera-{}", opening.sensor))
            .spawn(move || reader.run())
            .map_err(|e| SourceError::Unreadable { what: without_password(url), why: e.to_string() })?;
        Ok(Self {
            slot,
            url: without_password(url),
            silent_after: opening.silent_after,
            freeze: Freeze::new(opening.frozen_after),
        })
    }
}

impl Source for LiveVideo {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        let frame = self.slot.take(&self.url, self.silent_after)?;
        if let Payload::Image(image) = &frame.payload {
            self.freeze.look(image);
        }
        Ok(Some(frame))
    }

    fn health(&self) -> Option<String> {
        self.slot.fault().or_else(|| self.freeze.fault())
    }
}

impl Drop for LiveVideo {
    fn drop(&mut self) {
        self.slot.stop();
    }
}

/// The thread that reads a live camera.
struct Reader {
    url: String,
    clock: Clock,
    sensor: SensorId,
    slot: Arc<Slot>,
    seq: u64,
}

impl Reader {
    fn run(mut self) {
        loop {
            // Asked first, because FFmpeg writes each failed attempt to the terminal.
            match answers(&self.url).and_then(|()| Video::stream(&self.url, PATIENCE)) {
                Ok(mut video) => self.read(&mut video),
                Err(why) => self.slot.trouble(why),
            }
            if !self.slot.pause(RETRY) {
                return;
            }
        }
    }

    /// Reads until the stream ends or nobody wants it.
    fn read(&mut self, video: &mut Video) {
        let mut stamps = StreamClock::default();
        while !self.slot.stopped() {
            let (image, stamp) = match video.read() {
                Ok(Some(read)) => read,
                Ok(None) => return self.slot.trouble("the stream ended".to_owned()),
                Err(why) => return self.slot.trouble(why),
            };
            let arrival = (self.clock.0)();
            let tov = stamp.map_or(arrival, |s| stamps.place(s, arrival));
            let frame = Frame { sensor: self.sensor.clone(), tov, seq: self.seq, payload: Payload::Image(image) };
            self.seq += 1;
            self.slot.put(frame);
        }
    }
}

/// Whether something listens at the host and port of a TCP address.
fn answers(url: &str) -> Result<(), String> {
    let Some((scheme, rest)) = url.split_once("://") else { return Ok(()) };
    let port = match scheme {
        "rtsp" => 554,
        "rtsps" => 322,
        "http" => 80,
        "https" => 443,
        _ => return Ok(()),
    };
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(_, p)| p.bytes().all(|b| b.is_ascii_digit()) && !p.is_empty());
    let target = if has_port { host.to_owned() } else { format!("{host}:{port}") };
    let addresses = target.to_socket_addrs().map_err(|e| format!("{target}: {e}"))?;
    let mut why = format!("{target} has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(e) => why = format!("{address} does not answer: {e}"),
        }
    }
    Err(why)
}

/// The address as it may be shown: `rtsp://user:password@host` without user and password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_is_not_there_is_told_without_ffmpeg() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let there = format!("rtsp://u:p@{}/live", free.local_addr().unwrap());
        assert_eq!(answers(&there), Ok(()));
        drop(free);
        assert!(answers(&there).unwrap_err().contains("does not answer"));
        assert_eq!(answers("udp://239.0.0.1:5000"), Ok(()));
    }

    #[test]
    fn a_password_never_reaches_an_error_or_a_page() {
        assert_eq!(without_password("rtsp://u:p@10.0.0.1:554/live@1"), "rtsp://10.0.0.1:554/live@1");
        assert_eq!(without_password("rtsp://10.0.0.1/live"), "rtsp://10.0.0.1/live");
    }
}

//! A lidar's UDP packets, read by a thread of its own so that the socket never overflows.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::lidar_udp::Assembler;
use super::live::Slot;
use super::{Clock, Opening, Source, SourceError};
use crate::frame::Frame;

/// Largest UDP datagram.
const DATAGRAM: usize = 65_536;
/// The reader looks this often whether it is still wanted.
const LOOK: Duration = Duration::from_millis(200);

/// A live lidar.
pub(super) struct Listener {
    slot: Arc<Slot>,
    what: String,
    silent_after: Duration,
}

impl Listener {
    pub(super) fn open(listen: &str, model: &str, opening: &Opening) -> Result<Self, SourceError> {
        let what = format!("udp://{listen}");
        let wrong = |why: std::io::Error| SourceError::Unreadable {
            what: what.clone(),
            why: format!("cannot listen: {why}; `listen` is an address of this machine and a free port"),
        };
        let clock = opening.clock(&what)?;
        let assembler = Assembler::new(model, opening)?;
        let socket = UdpSocket::bind(listen).map_err(wrong)?;
        socket.set_read_timeout(Some(LOOK)).map_err(wrong)?;
        let slot = Arc::new(Slot::default());
        let shared = slot.clone();
        thread::Builder::new()
            .name(format!("lidar-{}", opening.sensor))
            .spawn(move || read(&socket, assembler, &clock, &shared))
            .map_err(wrong)?;
        Ok(Self { slot, what, silent_after: opening.silent_after })
    }
}

fn read(socket: &UdpSocket, mut assembler: Assembler, clock: &Clock, slot: &Slot) {
    let mut datagram = vec![0; DATAGRAM];
    while !slot.stopped() {
        match socket.recv(&mut datagram) {
            Ok(length) => {
                let arrival = (clock.0)();
                match assembler.push(&datagram[..length], arrival) {
                    Some(frame) => slot.put(frame),
                    None => slot.bad_packets(assembler.bad_packets()),
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(e) => {
                slot.trouble(e.to_string());
                slot.pause(LOOK);
            }
        }
    }
}

impl Source for Listener {
    fn next(&mut self) -> Result<Option<Frame>, SourceError> {
        self.slot.take(&self.what, self.silent_after).map(Some)
    }

    fn health(&self) -> Option<String> {
        self.slot.fault()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.slot.stop();
    }
}

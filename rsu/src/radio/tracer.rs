//! A radio that writes down what passes: `rsu -vv run` shows every message with its bytes.

use std::fmt::Write;
use std::net::UdpSocket;

use crate::radio::{Limits, Radio, RadioError, RadioFrame};

/// Wraps a radio and writes each message to the log at level `trace`.
#[derive(Debug)]
pub struct Tracer<R> {
    name: String,
    inner: R,
}

impl<R: Radio> Tracer<R> {
    /// Traces `inner` under `name`.
    pub fn new(name: impl Into<String>, inner: R) -> Self {
        Self { name: name.into(), inner }
    }
}

impl<R: Radio> Radio for Tracer<R> {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        let answer = self.inner.send(frame);
        let error = answer.as_ref().err().map(tracing::field::display);
        tracing::trace!(radio = self.name, msg = frame.kind.name(), bytes = hex(&frame.bytes), error, "sent");
        answer
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        let answer = self.inner.receive();
        if let Ok(Some(bytes)) = &answer {
            tracing::trace!(radio = self.name, bytes = hex(bytes), "heard");
        }
        answer
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn ear(&self) -> Option<UdpSocket> {
        self.inner.ear()
    }

    fn health(&self) -> Option<String> {
        self.inner.health()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

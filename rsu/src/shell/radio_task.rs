//! One task a radio: hands messages to the antenna as soon as they come, and what is heard to the station. A dead socket
//! is counted, shown and opened again; it never stops the unit.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use calibration::Timestamp;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use v2x_msgs::MessageKind;

use crate::config;
use crate::event::{Event, Stamp};
use crate::limits;
use crate::radio::tracer::Tracer;
use crate::radio::{self, Radio, RadioError, RadioFrame};
use crate::shell::clock;
use crate::shell::queue::{Inbox, Queue};
use crate::shell::status::RadioStatus;
use crate::shell::view::View;
use crate::station::Input;

/// How long a radio that cannot be opened is left alone.
const REOPEN: Duration = Duration::from_secs(1);
/// So many refusals one after another mean that the socket is dead.
const DEAD_AFTER: u32 = 5;

/// A message on its way out.
#[derive(Debug)]
pub struct Departure {
    /// The message.
    pub frame: RadioFrame,
    /// When the station made it.
    pub made: Timestamp,
    gone: AtomicBool,
}

impl Departure {
    /// A message that the station made at `made`.
    #[must_use]
    pub fn new(made: Timestamp, frame: RadioFrame) -> Arc<Self> {
        Arc::new(Self { frame, made, gone: AtomicBool::new(false) })
    }

    /// The message leaves now; the first way out is the one whose age counts.
    pub fn leaves(&self, view: &View) {
        if !self.gone.swap(true, Ordering::Relaxed) {
            let at = clock::now();
            view.sent(at, &self.frame);
            view.metrics().stage("send", at.seconds_since(self.made), view.config().budget.send_ms);
        }
    }
}

/// One radio and its task.
#[derive(Debug)]
pub struct RadioTask {
    config: config::Radio,
    out: Arc<Queue<Arc<Departure>>>,
    inbox: Arc<Inbox>,
    view: Arc<View>,
    status: RadioStatus,
    too_long: BTreeMap<MessageKind, String>,
}

impl RadioTask {
    /// A radio as configured; what it hears goes to `inbox`.
    #[must_use]
    pub fn new(config: config::Radio, inbox: Arc<Inbox>, view: Arc<View>) -> Self {
        let status = RadioStatus {
            id: config.id.clone(),
            address: config.address.clone(),
            listen: config.listen.clone(),
            sent: 0,
            failed: 0,
            fault: None,
        };
        view.set_radio(status.clone());
        Self {
            config,
            out: Arc::new(Queue::new("radio", limits::RADIO_OUT)),
            inbox,
            view,
            status,
            too_long: BTreeMap::new(),
        }
    }

    /// Where messages for this radio go in.
    #[must_use]
    pub fn out(&self) -> Arc<Queue<Arc<Departure>>> {
        Arc::clone(&self.out)
    }

    /// Runs until the task is dropped.
    pub async fn run(mut self) {
        loop {
            let (config, profile) = (self.config.clone(), self.view.config().site.dialect);
            // Looking up a name may take seconds.
            let opened = tokio::task::spawn_blocking(move || radio::open(&config, profile)).await;
            let fault = match opened {
                Ok(Ok(radio)) => self.serve(Tracer::new(self.config.id.clone(), radio)).await,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => panic.to_string(),
            };
            self.set_fault(Some(fault));
            self.refuse_for(REOPEN).await;
        }
    }

    /// Sends and hears until the socket is dead; gives what is wrong.
    async fn serve(&mut self, mut radio: impl Radio) -> String {
        let ear = match radio.ear().map(UdpSocket::from_std).transpose() {
            Ok(ear) => ear,
            Err(error) => return error.to_string(),
        };
        let mut failures = 0;
        loop {
            let answer = tokio::select! {
                biased;
                departure = self.out.pop() => self.send(&mut radio, &departure),
                ear = readable(ear.as_ref()) => self.hear(&mut radio, ear),
            };
            match answer {
                Ok(()) => {
                    failures = 0;
                    self.set_fault(self.too_long.values().next().cloned().or_else(|| radio.health()));
                }
                Err(error) => {
                    failures += 1;
                    if failures == DEAD_AFTER {
                        return error.to_string();
                    }
                    self.set_fault(Some(error.to_string()));
                }
            }
        }
    }

    fn send(&mut self, radio: &mut impl Radio, departure: &Departure) -> Result<(), RadioError> {
        let RadioFrame { kind, bytes, .. } = &departure.frame;
        match radio.send(&departure.frame) {
            Ok(()) => {
                departure.leaves(&self.view);
                self.too_long.remove(kind);
                self.status.sent += 1;
                self.view.metrics().sent(&self.config.id, *kind, bytes.len());
                self.view.set_radio(self.status.clone());
                Ok(())
            }
            // The socket is well, the message is not: said until one of its kind fits again.
            Err(error @ (RadioError::TooLong { .. } | RadioError::Frame(_) | RadioError::Address { .. })) => {
                self.count_failure(departure);
                self.too_long.insert(*kind, format!("{}: {error}", kind.name()));
                Ok(())
            }
            Err(error) => {
                self.count_failure(departure);
                Err(error)
            }
        }
    }

    /// Takes what was heard. The runtime is told when nothing more waits, so that it watches the socket again.
    fn hear(&mut self, radio: &mut impl Radio, ear: &UdpSocket) -> Result<(), RadioError> {
        for _ in 0..limits::HEARD_AT_ONCE {
            let mut failure = None;
            let heard = ear.try_io(Interest::READABLE, || match radio.receive() {
                Ok(Some(bytes)) => Ok(bytes),
                Ok(None) => Err(Error::from(ErrorKind::WouldBlock)),
                Err(error) => {
                    failure = Some(error);
                    Err(Error::from(ErrorKind::Other))
                }
            });
            match (heard, failure) {
                (Ok(bytes), _) => self.inbox.air.push(Input::Received(bytes)),
                (Err(_), None) => break,
                (Err(_), Some(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// No radio: what should go out is counted as failed.
    async fn refuse_for(&mut self, span: Duration) {
        let over = tokio::time::sleep(span);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                departure = self.out.pop() => self.count_failure(&departure),
            }
        }
    }

    fn count_failure(&mut self, departure: &Departure) {
        self.status.failed += 1;
        self.view.metrics().failed(&self.config.id, departure.frame.kind);
        self.view.set_radio(self.status.clone());
    }

    fn set_fault(&mut self, fault: Option<String>) {
        if self.status.fault != fault {
            self.status.fault.clone_from(&fault);
            self.view.set_radio(self.status.clone());
            let event = Event::Radio { radio: self.config.id.clone(), fault };
            self.view.event(Stamp { at: clock::now(), event });
        }
    }
}

/// Waits until something may have been heard; for ever where nothing can be.
async fn readable(ear: Option<&UdpSocket>) -> &UdpSocket {
    match ear {
        Some(ear) if ear.readable().await.is_ok() => ear,
        _ => std::future::pending().await,
    }
}

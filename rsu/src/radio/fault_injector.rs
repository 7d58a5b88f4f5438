//! A radio with faults on purpose, seeded: what the rest of the unit does when messages vanish, are garbled, or when the
//! socket refuses, can be tested and repeated.

use std::io::{Error, ErrorKind};
use std::net::UdpSocket;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::radio::{Limits, Radio, RadioError, RadioFrame};

/// How often what goes wrong, each 0..1.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// A message vanishes, sent or heard.
    pub loss: f64,
    /// One bit of a message heard is turned.
    pub garble: f64,
    /// The socket refuses to send.
    pub refuse: f64,
}

/// Wraps a radio and spoils what passes.
#[derive(Debug)]
pub struct FaultInjector<R> {
    inner: R,
    faults: Faults,
    dice: ChaCha8Rng,
}

impl<R: Radio> FaultInjector<R> {
    /// Spoils `inner`; the same seed spoils the same messages.
    pub fn new(inner: R, faults: Faults, seed: u64) -> Self {
        Self { inner, faults, dice: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn strikes(&mut self, share: f64) -> bool {
        self.dice.random::<f64>() < share
    }
}

impl<R: Radio> Radio for FaultInjector<R> {
    fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
        if self.strikes(self.faults.refuse) {
            return Err(Error::new(ErrorKind::NetworkUnreachable, "refused on purpose").into());
        }
        if self.strikes(self.faults.loss) { Ok(()) } else { self.inner.send(frame) }
    }

    fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
        while let Some(mut bytes) = self.inner.receive()? {
            if self.strikes(self.faults.loss) {
                continue;
            }
            if self.strikes(self.faults.garble) && !bytes.is_empty() {
                let bit = self.dice.random_range(0..bytes.len() * 8);
                bytes[bit / 8] ^= 0x80 >> (bit % 8);
            }
            return Ok(Some(bytes));
        }
        Ok(None)
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use v2x_msgs::MessageKind;

    use super::*;

    /// Hears what it sent.
    #[derive(Default)]
    struct Echo(VecDeque<Vec<u8>>);

    impl Radio for Echo {
        fn send(&mut self, frame: &RadioFrame) -> Result<(), RadioError> {
            self.0.push_back(frame.bytes.clone());
            Ok(())
        }

        fn receive(&mut self) -> Result<Option<Vec<u8>>, RadioError> {
            Ok(self.0.pop_front())
        }

        fn limits(&self) -> Limits {
            Limits { max_payload: 100 }
        }
    }

    fn run(faults: Faults, seed: u64) -> (usize, Vec<Vec<u8>>) {
        let mut radio = FaultInjector::new(Echo::default(), faults, seed);
        let frame = |i: u16| RadioFrame { kind: MessageKind::Rsm, bytes: i.to_be_bytes().to_vec(), tov: None };
        let refused = (0..1000).filter(|i| radio.send(&frame(*i)).is_err()).count();
        (refused, std::iter::from_fn(|| radio.receive().expect("an echo")).collect())
    }

    #[test]
    fn the_same_seed_spoils_the_same_messages() {
        let faults = Faults { loss: 0.1, garble: 0.1, refuse: 0.1 };
        assert_eq!(run(faults, 7), run(faults, 7));
        assert_ne!(run(faults, 7), run(faults, 8));
    }

    #[test]
    fn faults_come_as_often_as_asked() {
        let (refused, heard) = run(Faults { loss: 0.0, garble: 0.0, refuse: 0.2 }, 1);
        assert!((150..250).contains(&refused), "{refused}");
        assert_eq!(heard.len(), 1000 - refused);
        let (_, heard) = run(Faults { loss: 0.5, ..Faults::default() }, 2);
        assert!((200..300).contains(&heard.len()), "lost on the way out and in: {}", heard.len());
        let (_, heard) = run(Faults { garble: 1.0, ..Faults::default() }, 3);
        let right = heard.iter().enumerate().filter(|(i, b)| ***b == (*i as u16).to_be_bytes()).count();
        assert_eq!((heard.len(), right), (1000, 0));
    }
}

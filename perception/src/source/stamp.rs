//! Puts a stream's own time on the unit's clock.
//!
//! A frame arrives late by a delay that varies, never early. So the smallest difference "arrival minus stream time" seen
//! is the offset between both clocks plus the shortest delay; later frames are stamped with it, free of jitter. The
//! offset may creep up with the drift of two cheap clocks, and starts anew when the stream jumps.

use calibration::Timestamp;

/// Two free clocks drift by less than this.
const DRIFT: f64 = 1e-4;
/// A stream time that jumps by more than this is a new stream.
const JUMP_S: f64 = 5.0;

/// Offset between a stream's time and the unit's clock.
#[derive(Debug, Default)]
pub(super) struct StreamClock {
    last: Option<(f64, Timestamp)>,
    offset_s: f64,
    /// The epoch the offset counts from, so that seconds keep nanosecond resolution.
    epoch: Timestamp,
}

impl StreamClock {
    /// The moment on the unit's clock of something that the stream stamps `stream_s` and that arrived at `arrival`.
    pub(super) fn place(&mut self, stream_s: f64, arrival: Timestamp) -> Timestamp {
        let fresh = match self.last {
            None => true,
            Some((stream, at)) => {
                let step = stream_s - stream;
                step < -0.5 || (step - arrival.seconds_since(at)).abs() > JUMP_S
            }
        };
        if fresh {
            self.epoch = arrival;
            self.offset_s = -stream_s;
        } else if let Some((stream, _)) = self.last {
            let crept = self.offset_s + DRIFT * (stream_s - stream).max(0.0);
            self.offset_s = crept.min(arrival.seconds_since(self.epoch) - stream_s);
        }
        self.last = Some((stream_s, arrival));
        self.epoch.offset_secs(stream_s + self.offset_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_of_arrival_does_not_reach_the_stamp() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let mut clock = StreamClock::default();
        for i in 0..500 {
            let stream = 7000.0 + f64::from(i) * 0.1;
            let delay = 0.020 + 0.003 * f64::from(i * 7919 % 13);
            let arrival = start.offset_secs(f64::from(i) * 0.1 + delay);
            let tov = clock.place(stream, arrival);
            assert!(tov <= arrival, "never from the future");
            if i > 20 {
                let error = tov.seconds_since(start.offset_secs(f64::from(i) * 0.1)) - 0.020;
                assert!(error.abs() < 2e-3, "frame {i}: {error}");
            }
        }
    }

    #[test]
    fn a_stream_that_starts_again_is_put_on_the_clock_again() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let mut clock = StreamClock::default();
        clock.place(100.0, start);
        let again = start.offset_secs(3.0);
        assert_eq!(clock.place(0.0, again), again);
        let later = start.offset_secs(60.0);
        assert_eq!(clock.place(0.1, later), later, "a pause of a minute is no delay of a minute");
    }
}

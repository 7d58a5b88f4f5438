//! How good the unit's clock is, looked at once a second and told to the station.
//!
//! * `system`: the operating system keeps the clock and is trusted; what it cannot hide is a step, which is seen by
//!   comparing the wall clock with the monotonic one.
//! * `ntp`, `gnss-pps`: chrony keeps the clock (a receiver with a pulse is a reference clock of chrony's) and is asked with
//!   `chronyc -c tracking`; the offset told is chrony's bound of the error.
//! * `ptp`: linuxptp keeps the clock and is asked with `pmc`.

use std::sync::Arc;
use std::time::Duration;

use calibration::Timestamp;

use crate::shell::clock::{self, StopWatch};
use crate::shell::queue::Inbox;
use crate::station::{ClockState, Input};

/// The wall clock may be slewed by 500 ppm (adjtimex(2)); a difference above this within one look is a step.
const STEP_MS: f64 = 5.0;
/// After a step the clock must hold still for so long, seconds.
const HOLD_S: f64 = 5.0;
/// Time between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// Looks at the clock until the task is dropped.
pub async fn run(source: String, inbox: Arc<Inbox>) {
    let watch = StopWatch::start();
    let mut steps = Steps::new(clock::now());
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        let told = match source.as_str() {
            "ntp" | "gnss-pps" => ask("chronyc", &["-c", "tracking"]).await.and_then(|text| chrony(&text)),
            "ptp" => ask("pmc", &["-u", "-b", "0", "GET TIME_STATUS_NP"]).await.and_then(|text| linuxptp(&text)),
            _ => Some(ClockState { synchronised: true, offset_ms: 0.0 }),
        };
        let told = told.unwrap_or(ClockState { synchronised: false, offset_ms: 0.0 });
        inbox.push(Input::Clock(steps.judge(clock::now(), watch.elapsed().as_secs_f64(), told)));
    }
}

async fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = tokio::process::Command::new(program);
    let answer = command.args(arguments).stdin(std::process::Stdio::null()).kill_on_drop(true).output();
    let answer = tokio::time::timeout(LOOK, answer).await.ok()?.ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// Finds steps of the wall clock.
#[derive(Debug)]
struct Steps {
    start: Timestamp,
    /// Wall clock minus monotonic clock at the last look, seconds.
    difference_s: f64,
    /// The last step: when on the monotonic clock, and how far, ms.
    step: Option<(f64, f64)>,
}

impl Steps {
    fn new(start: Timestamp) -> Self {
        Self { start, difference_s: 0.0, step: None }
    }

    /// `monotonic_s`: since the start.
    fn judge(&mut self, wall: Timestamp, monotonic_s: f64, told: ClockState) -> ClockState {
        let difference_s = wall.seconds_since(self.start) - monotonic_s;
        let moved_ms = (difference_s - self.difference_s) * 1e3;
        self.difference_s = difference_s;
        if moved_ms.abs() > STEP_MS {
            self.step = Some((monotonic_s, moved_ms));
        }
        match self.step {
            Some((at, by_ms)) if monotonic_s - at < HOLD_S => ClockState { synchronised: false, offset_ms: by_ms },
            _ => told,
        }
    }
}

/// Reads `chronyc -c tracking`. The bound of the error is half the root delay, plus the root dispersion, plus the offset.
fn chrony(text: &str) -> Option<ClockState> {
    let fields: Vec<_> = text.trim().split(',').collect();
    let number = |i: usize| fields.get(i)?.parse::<f64>().ok().filter(|n| n.is_finite());
    let bound_s = number(4)?.abs() + number(10)? / 2.0 + number(11)?;
    Some(ClockState { synchronised: *fields.get(13)? != "Not synchronised", offset_ms: bound_s * 1e3 })
}

/// Reads `pmc … GET TIME_STATUS_NP`.
fn linuxptp(text: &str) -> Option<ClockState> {
    let value = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name).map(str::trim));
    let offset_ns: f64 = value("master_offset")?.parse().ok()?;
    Some(ClockState { synchronised: value("gmPresent") == Some("true"), offset_ms: offset_ns.abs() * 1e-6 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: ClockState = ClockState { synchronised: true, offset_ms: 0.0 };

    #[test]
    fn a_step_of_the_wall_clock_is_seen_and_a_slew_is_not() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let mut steps = Steps::new(start);
        let mut judge = |second: i64, ahead_ms: f64| {
            let wall = start.offset_secs(second as f64 + ahead_ms * 1e-3);
            steps.judge(wall, second as f64, FINE)
        };
        for second in 1..60 {
            assert_eq!(judge(second, 0.5 * second as f64), FINE, "slewed by 500 ppm");
        }
        let stepped = judge(60, 30.0 + 250.0);
        assert!(!stepped.synchronised && (stepped.offset_ms - 250.0).abs() < 1.0, "{stepped:?}");
        assert!(!judge(61, 280.0).synchronised, "not yet to be trusted");
        assert_eq!(judge(66, 280.0), FINE, "held still for long enough");
        assert!(!judge(67, -1000.0).synchronised, "backwards");
    }

    #[test]
    fn chrony_is_read() {
        let text = "A29FC87B,162.159.200.123,4,1709294400.123456789,-0.000306601,0.000112,0.000451,-9.867,0.003,0.120,\
                    0.004812,0.000914,64.4,Normal\n";
        let state = chrony(text).expect("readable");
        assert!(state.synchronised && (state.offset_ms - (0.306601 + 2.406 + 0.914)).abs() < 1e-6, "{state:?}");
        let lost = "7F7F0101,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised";
        assert!(!chrony(lost).expect("readable").synchronised);
        assert_eq!(chrony("506 Cannot talk to daemon"), None);
        assert_eq!(chrony("a,b,c,d,nan,f,g,h,i,j,1,1,m,Normal"), None);
    }

    #[test]
    fn linuxptp_is_read() {
        let text = "sending: GET TIME_STATUS_NP\n\t507b9d.fffe.8b2f04-0 seq 0 RESPONSE MANAGEMENT TIME_STATUS_NP\n\
                    \t\tmaster_offset              -1250000\n\t\tingress_time               1709294400123456789\n\
                    \t\tgmPresent                  true\n";
        assert_eq!(linuxptp(text), Some(ClockState { synchronised: true, offset_ms: 1.25 }));
        assert_eq!(linuxptp("sending: GET TIME_STATUS_NP\n"), None);
    }
}

//! Driving in a platoon: cooperative adaptive cruise control with what the vehicle ahead says over the air, and plain
//! adaptive cruise control with a longer gap while it is silent.
//!
//! The control law is that of Ploeg et al. (2011), "Design and experimental evaluation of cooperative adaptive cruise
//! control": h·u̇ = −u + kp·e + kd·ė + u_ahead, with e = gap − r − h·v. Without the word of the one ahead the same gains are
//! string stable only for h ≥ (√(kd² + 2·kp) − kd) / kp, 1.22 s.

/// What the vehicle ahead said last.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Word {
    /// Acceleration that it commanded, m/s².
    pub accel: f64,
    /// Age of the word, seconds.
    pub age_s: f64,
}

/// What the own sensors see of the vehicle ahead.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Ahead {
    /// Own front to its rear, metres.
    pub gap_m: f64,
    /// Its speed, m/s.
    pub speed_mps: f64,
}

/// How a member drives.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Settings {
    /// Time gap while the one ahead speaks, seconds.
    pub gap_s: f64,
    /// Time gap while it is silent, seconds.
    pub silent_gap_s: f64,
    /// Gap at standstill, metres.
    pub standstill_m: f64,
    /// Words older than this do not count, seconds.
    pub word_age_s: f64,
    /// Gain on the error of the gap, 1/s².
    pub kp: f64,
    /// Gain on its change, 1/s.
    pub kd: f64,
    /// Lag of engine and brakes, seconds.
    pub lag_s: f64,
    /// Strongest acceleration and braking, m/s².
    pub limits: [f64; 2],
    /// Highest speed, m/s.
    pub max_speed_mps: f64,
}

impl Default for Settings {
    /// A loaded truck: 0.6 s are 13 m at 80 km/h, the gaps that the bridge convoys of Yangshan drive.
    fn default() -> Self {
        Self {
            gap_s: 0.6,
            silent_gap_s: 1.5,
            standstill_m: 3.0,
            word_age_s: 0.35,
            kp: 0.2,
            kd: 0.7,
            lag_s: 0.1,
            limits: [1.0, 6.0],
            max_speed_mps: 25.0,
        }
    }
}

/// The time gap grows and shrinks by so much a second.
const GAP_RATE: f64 = 0.1;
/// Until the brakes bite, seconds.
const BRAKES_BITE_S: f64 = 0.25;

/// A member of a platoon behind somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// How it drives.
    pub settings: Settings,
    /// Speed, m/s.
    pub speed_mps: f64,
    /// Acceleration, m/s².
    pub accel: f64,
    /// Commanded acceleration: what it tells those behind, m/s².
    pub command: f64,
    gap_s: f64,
    cooperative: bool,
}

impl Member {
    /// A member at this speed.
    #[must_use]
    pub fn new(settings: Settings, speed_mps: f64) -> Self {
        Self { settings, speed_mps, accel: 0.0, command: 0.0, gap_s: settings.gap_s, cooperative: true }
    }

    /// Heeds the word of the one ahead at the moment.
    #[must_use]
    pub fn is_cooperative(&self) -> bool {
        self.cooperative
    }

    /// The gap that it keeps now, metres.
    #[must_use]
    pub fn wanted_gap_m(&self) -> f64 {
        self.settings.standstill_m + self.gap_s * self.speed_mps
    }

    /// One step of `dt` seconds; returns the distance driven, metres.
    pub fn step(&mut self, ahead: Option<Ahead>, word: Option<Word>, dt: f64) -> f64 {
        let s = self.settings;
        let word = word.filter(|w| w.age_s <= s.word_age_s);
        self.cooperative = word.is_some();
        let goal = if self.cooperative { s.gap_s } else { s.silent_gap_s };
        self.gap_s += (goal - self.gap_s).clamp(-GAP_RATE * dt, GAP_RATE * dt);
        self.command = match ahead {
            Some(ahead) => self.follow(ahead, word, dt),
            None => (0.4 * (s.max_speed_mps - self.speed_mps)).clamp(-0.5, s.limits[0]),
        };
        let cruise = 0.4 * (s.max_speed_mps - self.speed_mps);
        self.command = self.command.min(cruise.max(-0.5)).clamp(-s.limits[1], s.limits[0]);
        self.accel += (self.command - self.accel) * (1.0 - (-dt / s.lag_s).exp());
        let before = self.speed_mps;
        self.speed_mps = (before + self.accel * dt).max(0.0);
        0.5 * (before + self.speed_mps) * dt
    }

    fn follow(&self, ahead: Ahead, word: Option<Word>, dt: f64) -> f64 {
        let s = self.settings;
        let error = ahead.gap_m - self.wanted_gap_m();
        let closing = self.speed_mps - ahead.speed_mps;
        // Were the one ahead to brake as hard as oneself can: would the gap last?
        let braking = (self.speed_mps.powi(2) - ahead.speed_mps.powi(2)) / (2.0 * s.limits[1]);
        if closing > 0.0 && ahead.gap_m < 0.5 * s.standstill_m + BRAKES_BITE_S * self.speed_mps + braking {
            return -s.limits[1];
        }
        match word {
            Some(word) => {
                let change = -closing - self.gap_s * self.accel;
                let wanted = s.kp * error + s.kd * change + word.accel;
                self.command + (wanted - self.command) * (1.0 - (-dt / self.gap_s).exp())
            }
            None => s.kp * error - s.kd * closing,
        }
    }
}

/// Gain of the largest speed disturbance from each member to the next: string stable when none is above 1.
#[must_use]
pub fn gains(largest: &[f64]) -> Vec<f64> {
    largest.windows(2).map(|pair| if pair[0] > 0.0 { pair[1] / pair[0] } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f64 = 0.02;
    const LENGTH_M: f64 = 16.5;

    /// A platoon behind a leader of given speed; `heard` says whether a member hears its word at a time. Returns the largest
    /// deviation of speed of each member (leader first), and the smallest gap.
    fn run(
        settings: Settings,
        members: usize,
        seconds: f64,
        leader: impl Fn(f64) -> f64,
        heard: impl Fn(f64, usize) -> bool,
    ) -> (Vec<f64>, f64, Vec<Member>) {
        let v0 = leader(0.0);
        let mut platoon = vec![Member::new(settings, v0); members];
        let start = LENGTH_M + settings.standstill_m + settings.gap_s * v0;
        let mut at: Vec<f64> = (0..=members).map(|i| -(i as f64) * start).collect();
        let (mut largest, mut least) = (vec![0.0f64; members + 1], f64::INFINITY);
        let mut spoken = vec![(0.0, f64::NEG_INFINITY); members + 1];
        let mut time = 0.0;
        while time < seconds {
            let speed = leader(time);
            let command = (leader(time + DT) - speed) / DT;
            if ((time / DT).round() as u64).is_multiple_of(5) {
                spoken[0] = (command, time);
                for (i, member) in platoon.iter().enumerate() {
                    spoken[i + 1] = (member.command, time);
                }
            }
            let seen: Vec<(f64, f64)> = std::iter::once((at[0], speed))
                .chain(platoon.iter().zip(&at[1..]).map(|(m, x)| (*x, m.speed_mps)))
                .collect();
            at[0] += speed * DT;
            largest[0] = largest[0].max((speed - v0).abs());
            for i in 0..members {
                let ahead = Ahead { gap_m: seen[i].0 - LENGTH_M - seen[i + 1].0, speed_mps: seen[i].1 };
                let (accel, when) = spoken[i];
                let word = heard(time, i).then_some(Word { accel, age_s: time - when });
                at[i + 1] += platoon[i].step(Some(ahead), word, DT);
                largest[i + 1] = largest[i + 1].max((platoon[i].speed_mps - v0).abs());
                least = least.min(at[i] - LENGTH_M - at[i + 1]);
            }
            time += DT;
        }
        (largest, least, platoon)
    }

    fn wave(t: f64) -> f64 {
        22.0 + if t > 5.0 { 1.0 * (0.5 * (t - 5.0)).sin() } else { 0.0 }
    }

    #[test]
    fn with_words_a_short_gap_is_string_stable() {
        let (largest, least, platoon) = run(Settings::default(), 7, 120.0, wave, |_, _| true);
        let gains = gains(&largest);
        assert!(gains.iter().all(|g| *g < 1.001), "{gains:?}");
        assert!(least > 12.0, "{least}");
        assert!(platoon.iter().all(Member::is_cooperative));
    }

    #[test]
    fn without_words_a_short_gap_is_not_and_the_longer_one_is() {
        let silent = |gap: f64| Settings { gap_s: gap, silent_gap_s: gap, ..Settings::default() };
        // Ploeg's bound for these gains is 1.22 s.
        let (short, ..) = run(silent(0.6), 7, 120.0, wave, |_, _| false);
        assert!(gains(&short)[1..].iter().all(|g| *g > 1.01), "{:?}", gains(&short));
        let (long, ..) = run(silent(1.5), 7, 120.0, wave, |_, _| false);
        assert!(gains(&long)[1..].iter().all(|g| *g < 1.0), "{:?}", gains(&long));
    }

    #[test]
    fn silence_opens_the_gap_and_words_close_it_again() {
        let heard = |t: f64, _: usize| !(10.0..60.0).contains(&t);
        let steady = |_: f64| 20.0;
        let (_, least, silent) = run(Settings::default(), 4, 58.0, steady, heard);
        assert!(silent.iter().all(|m| !m.is_cooperative() && (m.wanted_gap_m() - 33.0).abs() < 0.5), "{silent:?}");
        assert!(least > 14.0, "{least}");
        let (_, _, back) = run(Settings::default(), 4, 160.0, steady, heard);
        assert!(back.iter().all(|m| m.is_cooperative() && (m.wanted_gap_m() - 15.0).abs() < 0.5), "{back:?}");
    }

    #[test]
    fn nobody_runs_into_anybody_when_the_leader_brakes_hard_in_silence() {
        let leader = |t: f64| (22.0 - 5.0 * (t - 20.0).max(0.0)).max(0.0);
        for heard in [true, false] {
            let (_, least, platoon) = run(Settings::default(), 5, 60.0, leader, |t, _| heard || t < 19.8);
            assert!(least > 0.5, "heard {heard}: {least}");
            assert!(platoon.iter().all(|m| m.speed_mps < 0.1), "{platoon:?}");
        }
    }
}

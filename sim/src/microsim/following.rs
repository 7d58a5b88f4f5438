//! Car following: the Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) and the model of Krauss (1998). Both give the
//! speed of the next step; both are held below the speed from which the vehicle can still stop behind the one ahead.

use super::style::Style;

/// A way of following.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Model {
    /// Intelligent Driver Model.
    Idm,
    /// Krauss, with the imperfection of its drivers, 0..1.
    Krauss {
        /// Share of the acceleration that a driver loses by chance.
        sigma: f64,
    },
}

/// Longest inner step of the IDM, seconds: its interaction term is too stiff for a step of one second.
const IDM_STEP_S: f64 = 0.25;
/// Space that the IDM never counts as less, metres.
const LEAST_GAP_M: f64 = 0.01;
/// Where a vehicle stands before a stop line, metres.
pub const STOP_BEFORE_M: f64 = 0.5;

/// What a driver knows when it chooses its next speed.
#[derive(Copy, Clone, Debug)]
pub struct Now {
    /// Own speed, m/s.
    pub speed: f64,
    /// Wanted speed, m/s.
    pub wanted: f64,
    /// Step, seconds.
    pub dt: f64,
    /// Chance of this step, 0..1, for the imperfection of Krauss' drivers.
    pub chance: f64,
}

/// Speed after the step with nobody ahead.
#[must_use]
pub fn free(style: &Style, now: Now) -> f64 {
    match style.model {
        Model::Idm => idm(style, now, None),
        Model::Krauss { sigma } => dawdle(style, now, sigma, (now.speed + style.accel * now.dt).min(now.wanted)),
    }
}

/// Speed after the step behind somebody `gap` metres ahead who drives at `ahead` m/s.
#[must_use]
pub fn follow(style: &Style, now: Now, gap: f64, ahead: f64) -> f64 {
    let next = match style.model {
        Model::Idm => {
            let next = idm(style, now, Some((gap, ahead)));
            // The guard that keeps long steps free of collisions; the IDM itself brakes earlier.
            next.min(safe_speed(gap - LEAST_GAP_M, ahead, style.decel, now.dt))
        }
        Model::Krauss { sigma } => {
            let tau = style.headway_s.max(now.dt);
            let safe = safe_speed(gap - style.min_gap_m, ahead, style.decel, tau);
            dawdle(style, now, sigma, (now.speed + style.accel * now.dt).min(now.wanted).min(safe))
        }
    };
    next.max(now.speed - style.emergency_decel * now.dt).max(0.0)
}

/// Speed after the step before a line `distance` metres ahead at which to stop.
#[must_use]
pub fn stop(style: &Style, now: Now, distance: f64) -> f64 {
    follow(style, now, distance + style.min_gap_m - STOP_BEFORE_M, 0.0)
}

/// Speed after the step before a place `distance` metres ahead that must not be passed faster than `limit`.
#[must_use]
pub fn slow_for(style: &Style, now: Now, distance: f64, limit: f64) -> f64 {
    let comfortable = 0.6 * style.decel;
    safe_speed(distance, limit, comfortable, now.dt).max(limit).max(now.speed - style.decel * now.dt)
}

/// Acceleration of this step behind somebody, without chance: what lane changes weigh.
#[must_use]
pub fn acceleration(style: &Style, speed: f64, wanted: f64, ahead: Option<(f64, f64)>) -> f64 {
    match style.model {
        Model::Idm => idm_accel(style, speed, wanted, ahead),
        Model::Krauss { .. } => {
            let now = Now { speed, wanted, dt: 1.0, chance: 0.0 };
            let next = match ahead {
                Some((gap, ahead)) => follow(style, now, gap, ahead),
                None => free(style, now),
            };
            next - speed
        }
    }
}

/// Highest speed from which a stop behind somebody is possible who brakes as hard: `τ` seconds of reaction, then `decel`.
#[must_use]
pub fn safe_speed(gap: f64, ahead: f64, decel: f64, tau: f64) -> f64 {
    let bt = decel * tau;
    let root = bt * bt + ahead * ahead + 2.0 * decel * gap;
    if root <= bt * bt { 0.0 } else { root.sqrt() - bt }
}

fn dawdle(style: &Style, now: Now, sigma: f64, next: f64) -> f64 {
    // At walking pace the full loss would stop the vehicle: it scales with the speed there.
    let loss = sigma * next.min(style.accel * now.dt) * now.chance;
    (next - loss).max(0.0)
}

fn idm(style: &Style, now: Now, ahead: Option<(f64, f64)>) -> f64 {
    let steps = (now.dt / IDM_STEP_S).ceil().max(1.0);
    let dt = now.dt / steps;
    let (mut speed, mut gap) = (now.speed, ahead.map_or(0.0, |(gap, _)| gap));
    for _ in 0..steps as usize {
        let accel = idm_accel(style, speed, now.wanted, ahead.map(|(_, other)| (gap, other)));
        let next = (speed + accel * dt).max(0.0);
        gap += ahead.map_or(0.0, |(_, other)| (other - 0.5 * (speed + next)) * dt);
        speed = next;
    }
    speed
}

fn idm_accel(style: &Style, speed: f64, wanted: f64, ahead: Option<(f64, f64)>) -> f64 {
    let share = speed / wanted.max(0.1);
    let squared = share * share;
    // Above the wanted speed the power of four would brake like at a wall.
    let free = (style.accel * (1.0 - squared * squared)).max(-style.decel);
    let Some((gap, other)) = ahead else { return free };
    let approach = speed * (speed - other) / (2.0 * (style.accel * style.decel).sqrt());
    let desired = style.min_gap_m + (speed * style.headway_s + approach).max(0.0);
    let ratio = desired / gap.max(LEAST_GAP_M);
    (free - style.accel * ratio * ratio).max(-style.emergency_decel)
}

#[cfg(test)]
mod tests {
    use super::super::style::Class;
    use super::*;

    fn drive(style: &Style, dt: f64, seconds: f64, mut lead: impl FnMut(f64) -> f64) -> (f64, f64, f64) {
        let (mut at, mut speed, mut lead_at, mut least) = (0.0, 13.9, 60.0, f64::INFINITY);
        let mut time = 0.0;
        while time < seconds {
            let ahead = lead(time);
            let now = Now { speed, wanted: 13.9, dt, chance: 0.5 };
            let gap = lead_at - style.size.length_m - at;
            speed = follow(style, now, gap, ahead).min(free(style, now));
            lead_at += ahead * dt;
            at += speed * dt;
            time += dt;
            least = f64::min(least, lead_at - style.size.length_m - at);
        }
        (speed, lead_at - style.size.length_m - at, least)
    }

    #[test]
    fn both_models_stop_behind_a_standing_vehicle_at_every_step_size() {
        for model in [Model::Idm, Model::Krauss { sigma: 0.5 }] {
            for class in [Class::Car, Class::Trailer, Class::Bicycle] {
                let style = Style::of(class).with_model(model);
                for dt in [0.05, 0.1, 0.5, 1.0] {
                    let (speed, gap, least) = drive(&style, dt, 60.0, |_| 0.0);
                    assert!(speed < 0.05, "{model:?} {class:?} {dt}: {speed}");
                    assert!(least > 0.3 && gap < style.min_gap_m + 1.5, "{model:?} {class:?} {dt}: {gap} {least}");
                }
            }
        }
    }

    #[test]
    fn an_emergency_stop_ahead_is_survived_at_every_step_size() {
        for model in [Model::Idm, Model::Krauss { sigma: 0.5 }] {
            let style = Style::of(Class::Car).with_model(model);
            for dt in [0.05, 0.1, 0.5, 1.0] {
                let (_, _, least) =
                    drive(&style, dt, 120.0, |t| if t < 60.0 { 13.0 } else { (13.0 - 4.5 * (t - 60.0)).max(0.0) });
                assert!(least > 0.0, "{model:?} {dt}: {least}");
            }
        }
    }

    #[test]
    fn the_idm_keeps_its_equilibrium_gap() {
        // s_e = (s0 + v T) / sqrt(1 - (v / v0)^4), Treiber et al. (2000), eq. 5.
        let style = Style::of(Class::Car);
        let (speed, gap, _) = drive(&style, 0.1, 400.0, |_| 10.0);
        let expected = (2.5 + 10.0) / (1.0 - (10.0f64 / 13.9).powi(4)).sqrt();
        assert!((speed - 10.0).abs() < 1e-3 && (gap - expected).abs() < 0.05, "{speed} {gap} {expected}");
    }

    #[test]
    fn krauss_drivers_keep_their_headway() {
        let style = Style::of(Class::Car).with_model(Model::Krauss { sigma: 0.0 });
        let (speed, gap, _) = drive(&style, 0.1, 400.0, |_| 10.0);
        assert!((speed - 10.0).abs() < 1e-3 && (gap - (2.5 + 10.0)).abs() < 0.1, "{speed} {gap}");
    }
}

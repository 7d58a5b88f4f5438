//! Emergency vehicles: everybody ahead draws aside and slows down, and the emergency vehicle drives through the corridor
//! between the leftmost lane and the next one.

use super::network::{EdgeId, LaneId, NONE};
use super::style::Class;
use super::traffic::{SHADOW, Traffic};

/// Vehicles so far ahead make way, metres.
pub const SIREN_M: f64 = 80.0;
/// How long one makes way after the emergency vehicle was last near, seconds.
const MAKE_WAY_S: f64 = 2.0;
/// Sideways speed of who draws aside, m/s.
const ASIDE_MPS: f64 = 0.8;
/// Sideways speed of the emergency vehicle, m/s.
const SIREN_ASIDE_MPS: f64 = 1.0;
/// Traffic ahead that is slower than this is a jam to an emergency vehicle, m/s.
const JAM_MPS: f64 = 8.0;
/// So near ahead, metres.
const JAM_M: f64 = 40.0;

/// How far to the left of its lane's middle a vehicle stands that makes way: at the outer edge of its lane, and half a metre
/// beyond it, on the hard strip or the kerb's edge.
#[must_use]
pub fn aside(lane_width: f64, width: f64, to_the_left: bool) -> f64 {
    let room = (0.5 * (lane_width - width) + 0.5).max(0.0);
    if to_the_left { room } else { -room }
}

impl Traffic {
    /// Those ahead of an emergency vehicle make way: they leave its lane, or draw aside within theirs.
    pub(super) fn hear_sirens(&mut self) {
        for i in 0..self.sirens.len() {
            let siren = self.sirens[i] as usize;
            let (lane, pos) = (self.vehicles[siren].lane, self.vehicles[siren].pos);
            if lane == NONE || self.network.lanes[lane as usize].is_inner() {
                continue;
            }
            let edge = self.network.lanes[lane as usize].edge;
            for beside in self.network.lanes_of(edge) {
                for k in 0..self.rows[beside as usize].len() {
                    let entry = self.rows[beside as usize][k];
                    let other = &self.vehicles[(entry & !SHADOW) as usize];
                    let near = (-other.length - 10.0..SIREN_M).contains(&(other.pos - pos));
                    if entry & SHADOW == 0 && near && self.style(other).class != Class::Emergency {
                        self.draw_aside(entry as usize, beside);
                    }
                }
            }
            self.take_the_corridor(siren, edge);
        }
    }

    /// Into the corridor's side of one's own lane: leftmost lane to the left, the others to the right (StVO § 11).
    fn draw_aside(&mut self, slot: usize, lane: LaneId) {
        let (road, style) = (&self.network.lanes[lane as usize], self.style(&self.vehicles[slot]));
        let count = self.network.edges[road.edge as usize].count;
        let leftmost = count > 1 && road.index + 1 == count;
        let goal = aside(road.width, style.size.width_m, leftmost);
        let step = ASIDE_MPS * self.settings.dt;
        let v = &mut self.vehicles[slot];
        if v.slid >= 1.0 {
            v.left += (goal - v.left).clamp(-step, step);
            v.change_from = v.left;
            v.changed = v.changed.max(0.0);
        }
        v.makes_way = MAKE_WAY_S;
    }

    /// The emergency vehicle drives between the leftmost lane and the next one.
    fn take_the_corridor(&mut self, slot: usize, edge: EdgeId) {
        let edge = &self.network.edges[edge as usize];
        let (first, count) = (edge.first, edge.count);
        if count < 2 {
            return;
        }
        let lane = self.vehicles[slot].lane;
        let index = lane - first;
        let half = 0.5 * self.network.lanes[lane as usize].width;
        let jammed = self.rows[lane as usize][..self.vehicles[slot].rank as usize].last().is_some_and(|&e| {
            let ahead = &self.vehicles[(e & !SHADOW) as usize];
            ahead.speed < JAM_MPS && ahead.rear() - self.vehicles[slot].pos < JAM_M
        });
        let goal = match index + 2 {
            _ if !jammed => 0.0,
            i if i == count + 1 => -half,
            i if i == count => half,
            _ => 0.0,
        };
        let step = SIREN_ASIDE_MPS * self.settings.dt;
        let v = &mut self.vehicles[slot];
        if v.slid >= 1.0 {
            v.left += (goal - v.left).clamp(-step, step);
            v.change_from = v.left;
            v.makes_way = MAKE_WAY_S;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::demand::{DepartLane, DepartSpeed, Departure};
    use super::super::grid::city;
    use super::super::route::Route;
    use super::super::style::Style;
    use super::super::traffic::Settings;
    use super::super::vehicle::Name;
    use super::*;

    /// Seconds that a vehicle of `class` needs from the start of a road with a queue before a red light to the next road.
    fn through_the_queue(class: Class) -> f64 {
        let settings = Settings { dt: 0.1, collisions: true, change_s: 3.0, ..Settings::default() };
        let mut traffic = Traffic::new(city(3, 200.0), settings);
        let edges: Vec<_> = ["A1B1", "B1C1"].map(|name| traffic.network.edge(name).unwrap()).to_vec();
        let mut add = |name: &str, class: Class, time: f64, lane: u32, pos: Option<f64>| {
            let style = traffic.add_style(Style { speed_factor: [1.0, 0.0], ..Style::of(class) });
            let route = Route::new(&traffic.network, edges.clone(), class).unwrap();
            let (route, name) = (traffic.add_route(route), Name { stem: traffic.stem(name), serial: None });
            let (lane, speed) = (DepartLane::Index(lane), DepartSpeed::Max);
            traffic.add(Departure { time, name, style, route, lane, speed, pos });
        };
        for i in 0..12 {
            let pos = 170.0 - 9.0 * f64::from(i / 2);
            add(&format!("queue {i}"), if i == 3 { Class::Truck } else { Class::Car }, 0.0, i % 2, Some(pos));
        }
        add("late", class, 8.0, 1, None);
        let out = traffic.network.edge("B1C1").unwrap();
        let late = traffic.stem("late");
        while traffic.time() < 200.0 {
            traffic.step();
            assert!(traffic.collisions().is_empty(), "{} s: {:?}", traffic.time(), traffic.collisions());
            let v = traffic.vehicles().find(|v| v.name.stem == late);
            if let Some(v) = v.filter(|v| traffic.network.lanes[v.lane as usize].edge == out) {
                return traffic.time() - v.entered;
            }
        }
        panic!("it never came through");
    }

    #[test]
    fn an_ambulance_drives_through_the_corridor_and_over_the_red_light_and_touches_nobody() {
        let (car, ambulance) = (through_the_queue(Class::Car), through_the_queue(Class::Emergency));
        // The light is red until 45 s; the queue starts with it.
        assert!(car > 40.0, "{car}");
        assert!(ambulance < 34.0 && ambulance < car - 10.0, "{ambulance} s against {car} s");
    }

    #[test]
    fn who_draws_aside_leaves_a_corridor_as_wide_as_an_ambulance() {
        let (lane, car, ambulance) = (3.2, 1.8, 2.16);
        let (left, right) = (aside(lane, car, true), aside(lane, car, false));
        let free = lane + left - right - car;
        assert!(free > ambulance + 0.3, "{free}");
    }
}

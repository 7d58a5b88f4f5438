//! Where everybody is and what happened in a run with units, as CSV in the columns of an OpenSCENARIO run.
//!
//! A road user of ours has no road coordinates: `s`, `t_road`, `lane` and `lane_offset` are 0. Its place is the middle of its
//! footprint.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::chronicle::{Mark, MarkKind};
use crate::openscenario::csv;
use crate::recorder::{Sink, State};
use crate::scene::Grid;

/// Writes the trajectories.
pub struct Trajectory {
    out: BufWriter<File>,
}

impl Trajectory {
    /// A new file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut out = BufWriter::new(super::create(path)?);
        out.write_all(csv::TRAJECTORY.as_bytes())?;
        Ok(Self { out })
    }
}

/// Numbers of those whom each touches.
fn touching(states: &[State]) -> BTreeMap<usize, Vec<String>> {
    let bodies: Vec<_> = states.iter().map(|s| s.body.clone()).collect();
    let grid = Grid::new(&bodies);
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (i, a) in bodies.iter().enumerate() {
        let near = grid.near(a.place(), a.radius() + 9.0).filter(|&j| j != i);
        let mut hits: Vec<_> = near.filter(|&j| a.touches(&bodies[j])).map(|j| bodies[j].id).collect();
        hits.sort_unstable();
        if !hits.is_empty() {
            found.insert(i, hits.iter().map(ToString::to_string).collect());
        }
    }
    found
}

impl Sink for Trajectory {
    fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()> {
        let touching = touching(states);
        for (i, state) in states.iter().enumerate() {
            let body = &state.body;
            let (sin, cos) = body.yaw.sin_cos();
            let (ax, ay) = (state.acceleration_mps2 * cos, state.acceleration_mps2 * sin);
            let heading = body.yaw.rem_euclid(std::f64::consts::TAU);
            let place = body.position;
            let values =
                [place.x, place.y, place.z, heading, 0.0, state.speed_mps, body.velocity.x, body.velocity.y, ax, ay];
            let values: Vec<_> = values.into_iter().map(csv::number).collect();
            let hits = touching.get(&i).map(|h| h.join(" ")).unwrap_or_default();
            writeln!(self.out, "{t_s:.2},{},{},0,0,0,0,{hits}", csv::field(&state.name), values.join(","))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// What happened in a run with units, as rows under the header of [`csv::EVENTS`].
#[must_use]
pub fn events(marks: &[Mark]) -> String {
    let row = |mark: &Mark| {
        let detail = if mark.kind == MarkKind::Collision { "begin" } else { &mark.text };
        format!("{:.3},{},{},{}\n", mark.at_s, mark.kind.word(), csv::field(&mark.who), csv::field(detail))
    };
    format!("{}{}", csv::EVENTS, marks.iter().map(row).collect::<String>())
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;
    use crate::chronicle::Chronicle;
    use crate::recorder::Recorder;

    #[test]
    fn rows_have_the_columns_of_an_openscenario_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let mut recorder = Recorder::default();
        recorder.add(Box::new(Trajectory::create(&path).unwrap()));
        let mut car = body(1, Kind::Car, 10.0, 2.0, -0.5);
        car.velocity = Vector2::new(0.5_f64.cos() * 4.0, -0.5_f64.sin() * 4.0);
        let bodies = [car, body(7, Kind::Van, 12.0, 2.0, 0.0), body(9, Kind::Child, 90.0, 0.0, 0.0)];
        recorder.moment(0.02, &bodies, &|id| (format!("n,{id}"), true)).unwrap();
        recorder.finish().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(format!("{}\n", lines[0]), csv::TRAJECTORY);
        assert_eq!(lines[1], "0.02,\"n,1\",10,2,0,5.7832,0,4,3.5103,-1.9177,0,0,0,0,0,0,7");
        assert!(lines[2].ends_with(",0,0,0,0,1") && lines[3].ends_with(",0,0,0,0,"), "{text}");
        let columns = |line: &str| line.matches(',').count();
        assert_eq!(columns(lines[3]) - 1, columns(lines[0]), "one comma is in the name");
    }

    #[test]
    fn events_have_their_kind_and_who_it_was() {
        let mut chronicle = Chronicle::default();
        chronicle.hit(2.5, ["ego", "child"], 4.0);
        chronicle.put(1.0, MarkKind::Warning, "x01", "x01 warns: wrong way");
        let expected =
            "t,kind,element,detail\n1.000,warning,x01,x01 warns: wrong way\n2.500,collision,ego|child,begin\n";
        assert_eq!(events(chronicle.marks()), expected);
    }
}

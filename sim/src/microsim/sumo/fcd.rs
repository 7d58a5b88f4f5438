//! Floating car data: where every vehicle was in every step, as SUMO writes them.
//!
//! `x`, `y` are the middle of the front bumper, `angle` is in degrees clockwise from north, `pos` is the front's place on
//! `lane`. Two digits behind the point, as SUMO writes unless told otherwise.

use std::io::{BufRead, Write};

use nalgebra::{Vector2, Vector3};
use perception::Size;

use super::tags::{Tag, Tags};
use super::xml::SumoError;
use crate::actor::{ActorId, Body, Kind};
use crate::microsim::traffic::Traffic;

/// Vehicles in one step at most.
const VEHICLES: usize = 1_000_000;

/// A vehicle in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name.
    pub id: String,
    /// Middle of the front bumper, metres.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Degrees clockwise from north.
    pub angle: f64,
    /// Name of the type.
    pub kind: String,
    /// m/s.
    pub speed: f64,
    /// Front on the lane, metres.
    pub pos: f64,
    /// Lane; empty: on none.
    pub lane: String,
    /// Degrees.
    pub slope: f64,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timestep {
    /// Seconds.
    pub time: f64,
    /// Vehicles.
    pub vehicles: Vec<Record>,
}

/// Yaw (radians counter-clockwise from east, −π..π) of SUMO's angle.
#[must_use]
pub fn yaw_from_angle(degrees: f64) -> f64 {
    let yaw = std::f64::consts::FRAC_PI_2 - degrees.to_radians();
    yaw.sin().atan2(yaw.cos())
}

/// SUMO's angle (degrees clockwise from north, 0..360) of a yaw.
#[must_use]
pub fn angle_from_yaw(yaw: f64) -> f64 {
    let angle = (90.0 - yaw.to_degrees()).rem_euclid(360.0);
    // Rounded to two digits 359.999 would become 360.00, which SUMO writes as 0.
    if angle >= 359.995 { 0.0 } else { angle }
}

impl Record {
    /// The body of this vehicle: the box behind its front bumper.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind, size: Size) -> Body {
        let yaw = yaw_from_angle(self.angle);
        let way = Vector2::new(yaw.cos(), yaw.sin());
        let centre = Vector2::new(self.x, self.y) - way * (0.5 * size.length_m);
        Body {
            id,
            kind,
            size,
            position: Vector3::new(centre.x, centre.y, 0.0),
            yaw,
            velocity: way * self.speed,
            yaw_rate: 0.0,
        }
    }

    /// The record of a body, which is on no lane as far as it knows.
    #[must_use]
    pub fn of(body: &Body, id: impl Into<String>, kind: impl Into<String>) -> Self {
        let way = Vector2::new(body.yaw.cos(), body.yaw.sin());
        let front = body.position.xy() + way * (0.5 * body.size.length_m);
        Self {
            id: id.into(),
            x: front.x,
            y: front.y,
            angle: angle_from_yaw(body.yaw),
            kind: kind.into(),
            speed: body.velocity.norm(),
            pos: 0.0,
            lane: String::new(),
            slope: 0.0,
        }
    }
}

/// Steps of a stream of floating car data, one after the other.
#[derive(Debug)]
pub struct Replay<R> {
    tags: Tags<R>,
    begun: bool,
    next_time: Option<f64>,
}

impl<R: BufRead> Replay<R> {
    /// Reads `input`, called `file` in complaints.
    pub fn new(file: impl Into<String>, input: R) -> Self {
        Self { tags: Tags::new(file, input), begun: false, next_time: None }
    }

    /// The next step; none at the end.
    ///
    /// # Errors
    /// When the stream is no floating car data.
    pub fn next_step(&mut self) -> Result<Option<Timestep>, SumoError> {
        let mut step = self.next_time.take().map(|time| Timestep { time, vehicles: Vec::new() });
        while let Some(tag) = self.tags.next_tag()? {
            if !self.begun && tag.name != "fcd-export" {
                return Err(self.tags.error(
                    &tag.name,
                    "the file does not begin with <fcd-export>",
                    "give SUMO's --fcd-output",
                ));
            }
            self.begun = true;
            match (tag.name.as_str(), &mut step) {
                ("timestep", open) => {
                    let time = self.number(&tag, "time")?;
                    if open.is_some() {
                        self.next_time = Some(time);
                        return Ok(step);
                    }
                    *open = Some(Timestep { time, vehicles: Vec::new() });
                }
                ("vehicle", Some(open)) if open.vehicles.len() < VEHICLES => open.vehicles.push(self.record(&tag)?),
                ("vehicle", _) => {
                    return Err(self.tags.error(
                        "vehicle",
                        "it is in no timestep, or in one of too many",
                        "give SUMO's --fcd-output",
                    ));
                }
                // People, containers, and what later versions add.
                _ => {}
            }
        }
        Ok(step)
    }

    fn number(&self, tag: &Tag, name: &str) -> Result<f64, SumoError> {
        let value = tag.get(name).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite() && v.abs() < 1e9);
        value.ok_or_else(|| {
            self.tags.error(&tag.name, format!("`{name}` is no number"), "write the file anew with SUMO")
        })
    }

    fn record(&self, tag: &Tag) -> Result<Record, SumoError> {
        let text = |name: &str| tag.get(name).unwrap_or("").to_owned();
        let or_zero = |name: &str| if tag.get(name).is_some() { self.number(tag, name) } else { Ok(0.0) };
        let Some(id) = tag.get("id") else {
            return Err(self.tags.error("vehicle", "no `id`", "write the file anew with SUMO"));
        };
        Ok(Record {
            id: id.to_owned(),
            x: self.number(tag, "x")?,
            y: self.number(tag, "y")?,
            angle: self.number(tag, "angle")?,
            kind: text("type"),
            speed: or_zero("speed")?,
            pos: or_zero("pos")?,
            lane: text("lane"),
            slope: or_zero("slope")?,
        })
    }
}

/// Writes floating car data.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W) -> std::io::Result<Self> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        writeln!(
            out,
            "<fcd-export xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"http://sumo.dlr.de/xsd/fcd_file.xsd\">"
        )?;
        Ok(Self { out })
    }

    /// Writes a step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, step: &Timestep) -> std::io::Result<()> {
        if step.vehicles.is_empty() {
            return writeln!(self.out, "    <timestep time=\"{:.2}\"/>", step.time);
        }
        writeln!(self.out, "    <timestep time=\"{:.2}\">", step.time)?;
        for v in &step.vehicles {
            let (id, kind) = (escaped(&v.id), escaped(&v.kind));
            write!(
                self.out,
                "        <vehicle id=\"{id}\" x=\"{:.2}\" y=\"{:.2}\" angle=\"{:.2}\"",
                v.x, v.y, v.angle
            )?;
            write!(self.out, " type=\"{kind}\" speed=\"{:.2}\"", v.speed)?;
            if !v.lane.is_empty() {
                write!(self.out, " pos=\"{:.2}\" lane=\"{}\"", v.pos, escaped(&v.lane))?;
            }
            writeln!(self.out, " slope=\"{:.2}\"/>", v.slope)?;
        }
        writeln!(self.out, "    </timestep>")
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> std::io::Result<W> {
        writeln!(self.out, "</fcd-export>")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(['&', '<', '>', '"']) {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into()
    } else {
        text.into()
    }
}

/// The traffic as it is now.
#[must_use]
pub fn timestep(traffic: &Traffic) -> Timestep {
    let vehicles = traffic.vehicles().map(|v| {
        let (front, way) = traffic.front(v);
        Record {
            id: traffic.name(v.name),
            x: front.x,
            y: front.y,
            angle: angle_from_yaw(way.y.atan2(way.x)),
            kind: traffic.style(v).name.clone(),
            speed: v.speed,
            pos: v.pos,
            lane: traffic.network.lanes[v.lane as usize].name.clone(),
            slope: 0.0,
        }
    });
    Timestep { time: traffic.time(), vehicles: vehicles.collect() }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::microsim::sumo::net;

    fn data(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/sumo").join(name)
    }

    fn steps() -> Vec<Timestep> {
        let text = std::fs::read_to_string(data("crossing.fcd.xml")).unwrap();
        let mut replay = Replay::new("crossing.fcd.xml", text.as_bytes());
        std::iter::from_fn(|| replay.next_step().unwrap()).collect()
    }

    #[test]
    fn what_sumo_wrote_comes_back_word_for_word_after_a_way_through_our_bodies() {
        let text = std::fs::read_to_string(data("crossing.fcd.xml")).unwrap();
        let mut writer = Writer::new(Vec::new()).unwrap();
        for step in steps() {
            let vehicles = step.vehicles.iter().enumerate().map(|(i, v)| {
                let body = v.body(i as u32, Kind::Truck, Kind::Truck.size());
                // Lane and place on it are not part of a body.
                Record { lane: v.lane.clone(), pos: v.pos, ..Record::of(&body, v.id.clone(), v.kind.clone()) }
            });
            writer.write(&Timestep { time: step.time, vehicles: vehicles.collect() }).unwrap();
        }
        let written = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert!(written.lines().filter(|l| l.contains("<vehicle")).count() > 50);
        for (ours, sumo) in written.lines().zip(text.lines()) {
            assert_eq!(ours, sumo);
        }
        assert_eq!(written.lines().count(), text.lines().count());
    }

    #[test]
    fn a_lane_and_a_place_on_it_are_where_sumo_says() {
        let (network, _) = net::read(&data("crossing.net.xml")).unwrap();
        let mut inside = 0;
        for v in steps().into_iter().flat_map(|s| s.vehicles) {
            let lane = &network.lanes[network.lane(&v.lane).unwrap() as usize];
            let place = lane.shape.point(lane.along_shape(v.pos));
            // SUMO rounds places, lengths and shapes to the centimetre.
            assert!((place.x - v.x).hypot(place.y - v.y) < 0.02, "{v:?} {place}");
            inside += usize::from(lane.is_inner());
        }
        assert!(inside > 3, "{inside}");
    }

    #[test]
    fn the_box_lies_behind_the_front_bumper() {
        let record = Record { x: 10.0, y: 20.0, angle: 90.0, speed: 3.0, ..steps()[0].vehicles[0].clone() };
        let body = record.body(7, Kind::Car, Kind::Car.size());
        assert!((body.position - Vector3::new(7.7, 20.0, 0.0)).norm() < 1e-12 && body.yaw.abs() < 1e-12);
        assert_eq!(angle_from_yaw(std::f64::consts::FRAC_PI_2), 0.0);
        assert_eq!(angle_from_yaw(std::f64::consts::FRAC_PI_2 + 1e-6), 0.0, "not 360.00");
        assert!((angle_from_yaw(std::f64::consts::PI) - 270.0).abs() < 1e-12);
    }

    #[test]
    fn a_stream_that_is_no_floating_car_data_is_refused() {
        for (text, part) in [
            ("<net><edge id=\"a\"/></net>", "<fcd-export>"),
            ("<fcd-export><vehicle id=\"a\"/></fcd-export>", "no timestep"),
            ("<fcd-export><timestep time=\"nan\"/></fcd-export>", "no number"),
            ("<fcd-export><timestep time=\"0\"><vehicle id=\"a\" x=\"1\" y=\"inf\" angle=\"0\"/>", "no number"),
        ] {
            let mut replay = Replay::new("f", text.as_bytes());
            let error = loop {
                match replay.next_step() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text} was accepted"),
                    Err(e) => break e,
                }
            };
            assert!(error.problem.contains(part), "{error}");
        }
    }
}

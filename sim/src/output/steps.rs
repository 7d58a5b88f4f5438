//! Every step of a run as Parquet: one row for each road user and moment, in the order of time and number.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::parquet::{Column, GROUP_ROWS, Writer};
use crate::recorder::{Sink, State, kind_name};

/// The columns: name and what it holds. The frame is `enu` of the scenario; angles are radians, 0 = east,
/// counter-clockwise.
pub const COLUMNS: [(&str, &str); 14] = [
    ("t_s", "seconds after the start"),
    ("id", "number of the road user in this run"),
    ("name", "its name"),
    ("kind", "car, van, truck, bus, motorcycle, bicycle, pedestrian, child or agv"),
    ("x_m", "centre of the footprint, east"),
    ("y_m", "centre of the footprint, north"),
    ("z_m", "height of the ground there"),
    ("yaw_rad", "direction of the body"),
    ("speed_mps", "speed along that direction; negative: backwards"),
    ("acceleration_mps2", "change of that speed since the step before"),
    ("yaw_rate_radps", "turn rate"),
    ("length_m", "length of the box"),
    ("width_m", "width of the box"),
    ("height_m", "height of the box"),
];

/// Writes the steps.
pub struct Steps {
    writer: Writer<BufWriter<File>>,
    rows: Rows,
    notes: BTreeMap<String, String>,
}

#[derive(Default)]
struct Rows {
    numbers: [Vec<Option<f64>>; 11],
    ids: Vec<i64>,
    names: Vec<String>,
    kinds: Vec<String>,
}

impl Rows {
    fn add(&mut self, t_s: f64, state: &State) {
        let body = &state.body;
        let values = [
            t_s,
            body.position.x,
            body.position.y,
            body.position.z,
            body.yaw,
            state.speed_mps,
            state.acceleration_mps2,
            body.yaw_rate,
            body.size.length_m,
            body.size.width_m,
            body.size.height_m,
        ];
        self.numbers.iter_mut().zip(values).for_each(|(column, v)| column.push(Some(v)));
        self.ids.push(i64::from(body.id));
        self.names.push(state.name.clone());
        self.kinds.push(kind_name(body.kind).to_owned());
    }

    /// The rows as columns; nothing is left behind.
    fn columns(&mut self) -> Vec<(String, Column)> {
        let mut numbers = std::mem::take(&mut self.numbers).into_iter();
        COLUMNS
            .iter()
            .map(|(name, _)| {
                let column = match *name {
                    "id" => Column::Int(std::mem::take(&mut self.ids)),
                    "name" => Column::Text(std::mem::take(&mut self.names)),
                    "kind" => Column::Text(std::mem::take(&mut self.kinds)),
                    _ => Column::Float(numbers.next().unwrap_or_default()),
                };
                ((*name).to_owned(), column)
            })
            .collect()
    }
}

impl Steps {
    /// A new file; `notes` go into its footer.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path, notes: BTreeMap<String, String>) -> io::Result<Self> {
        let mut rows = Rows::default();
        let writer = Writer::new(BufWriter::new(super::create(path)?), &rows.columns())?;
        Ok(Self { writer, rows, notes })
    }
}

impl Sink for Steps {
    fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()> {
        states.iter().for_each(|state| self.rows.add(t_s, state));
        // Bounded memory: a full group goes out.
        if self.rows.ids.len() >= GROUP_ROWS { self.writer.group(&self.rows.columns()) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.group(&self.rows.columns())?;
        self.writer.finish(&self.notes).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector2;

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;
    use crate::output::parquet::Table;
    use crate::recorder::Recorder;

    #[test]
    fn every_step_of_everybody_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/steps.parquet");
        let mut recorder = Recorder::default();
        recorder.add(Box::new(Steps::create(&path, BTreeMap::from([("seed".into(), "7".into())])).unwrap()));
        for t in [0.0, 0.5, 1.0] {
            let mut car = body(1, Kind::Car, 10.0 - t, 2.0, 0.0);
            car.velocity = Vector2::new(1.0 + t, 0.0);
            recorder.moment(t, &[car, body(2, Kind::Child, 0.0, 0.0, 1.0)], &|id| (format!("n{id}"), true)).unwrap();
        }
        recorder.finish().unwrap();
        let table = Table::read(&path).unwrap();
        assert_eq!((table.rows(), table.notes["seed"].as_str()), (6, "7"));
        assert!(table.columns.iter().map(|(n, _)| n.as_str()).eq(COLUMNS.map(|(n, _)| n)));
        assert_eq!(table.column("id"), Some(&Column::Int(vec![1, 2, 1, 2, 1, 2])));
        let kinds: Vec<_> = ["car", "child"].repeat(3).into_iter().map(String::from).collect();
        assert_eq!(table.column("kind"), Some(&Column::Text(kinds)));
        let Some(Column::Float(changes)) = table.column("acceleration_mps2") else { panic!() };
        assert_eq!(changes[2], Some(1.0));
    }
}

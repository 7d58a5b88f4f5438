//! The files of a run: the same bytes again, and read by the common readers of others.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rsu-sim");

fn sim(folder: &Path, args: &[&str]) -> Option<i32> {
    Command::new(PROGRAM).args(args).current_dir(folder).output().expect("rsu-sim").status.code()
}

/// A scenario of a second that holds, one that fails, and one that cannot be run.
fn scenarios(folder: &Path) {
    let unit = sim::scenario::find::folders()[0].join("units/x01.toml").canonicalize().unwrap();
    let text = |expect: &str| {
        format!(
            "title = \"t\"\nfor_s = 3\nwarm_s = 20\n[[unit]]\nconfig = \"{}\"\n[[flow]]\nlink = \"north-in\"\nper_hour = 900\n\
             [[expect]]\nthat = \"a <sentence> & \\\"more\\\"\"\n{expect}\n[[expect]]\nthat = \"nobody is hit\"\nno_collision = {{}}\n",
            unit.display()
        )
    };
    std::fs::write(folder.join("good.toml"), text("rate = { message = \"map\", min_hz = 0.5 }")).unwrap();
    std::fs::write(folder.join("bad.toml"), text("rate = { message = \"map\", min_hz = 50 }")).unwrap();
    std::fs::write(folder.join("broken.toml"), "title = \n").unwrap();
}

/// The Python of the workspace with these packages; none: the test says so and is skipped.
fn python(packages: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let python = root.join(".venv/bin/python");
    let ready = Command::new(&python).args(["-c", &format!("import {packages}")]).output();
    if ready.is_ok_and(|out| out.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: no .venv with {packages} (scripts/setup test makes it)");
    None
}

fn asked(python: &Path, folder: &Path, program: &str) -> String {
    let out = Command::new(python).args(["-c", program]).current_dir(folder).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

#[test]
fn every_file_is_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    scenarios(folder.path());
    let run = |out: &str| {
        let at = |name: &str| format!("{out}/{name}");
        let (parquet, mcap, osi, report) = (at("s.parquet"), at("t.mcap"), at("osi"), at("rep"));
        let args = [
            "run",
            "good.toml",
            "--headless",
            "-q",
            "--parquet",
            &parquet,
            "--mcap",
            &mcap,
            "--osi",
            &osi,
            "--report",
            &report,
        ];
        assert_eq!(sim(folder.path(), &args), Some(0));
        let osi = std::fs::read_dir(folder.path().join(osi)).unwrap().next().unwrap().unwrap().path();
        let rest = [parquet, mcap, at("rep/good/report.html")].map(|f| folder.path().join(f));
        rest.into_iter().chain([osi]).map(|f| std::fs::read(f).unwrap()).collect::<Vec<_>>()
    };
    let (first, again) = (run("a"), run("b"));
    for (name, (one, other)) in ["parquet", "mcap", "html", "osi"].iter().zip(first.iter().zip(&again)) {
        assert!(one == other && one.len() > 1000, "{name}: {} and {} bytes", one.len(), other.len());
    }
}

#[test]
fn a_common_reader_takes_the_junit_file_with_the_right_counts() {
    let folder = tempfile::tempdir().unwrap();
    scenarios(folder.path());
    let args = ["run", "good.toml", "bad.toml", "broken.toml", "--headless", "-q", "--junit", "j.xml"];
    assert_eq!(sim(folder.path(), &args), Some(1));
    let Some(python) = python("junitparser") else { return };
    let program = "import junitparser as j\nx = j.JUnitXml.fromfile('j.xml')\n\
                   print(x.tests, x.failures, x.errors, *[(s.name, s.tests, s.failures, s.errors) for s in x])\n\
                   print([c.name for s in x for c in s][0])\n\
                   print([type(r).__name__ for s in x for c in s for r in c.result])";
    let said = asked(&python, folder.path(), program);
    let expected = "5 1 1 ('good', 2, 0, 0) ('bad', 2, 1, 0) ('broken.toml', 1, 0, 1)\na <sentence> & \"more\"\n['Failure', 'Error']";
    assert_eq!(said, expected);
}

#[test]
fn arrow_reads_the_steps() {
    let folder = tempfile::tempdir().unwrap();
    scenarios(folder.path());
    assert_eq!(sim(folder.path(), &["run", "good.toml", "--headless", "-q", "--parquet", "s.parquet"]), Some(0));
    let Some(python) = python("pyarrow.parquet") else { return };
    let table = sim::output::parquet::Table::read(&folder.path().join("s.parquet")).unwrap();
    let program = "import pyarrow.parquet as p\nt = p.read_table('s.parquet')\n\
                   print(t.num_rows, *t.schema.names)\nprint(t.schema.metadata[b'seed'].decode(), len(set(t['t_s'].to_pylist())))";
    let names: Vec<_> = sim::output::steps::COLUMNS.map(|(name, _)| name).to_vec();
    // Three seconds of 20 ms and the last moment.
    assert_eq!(asked(&python, folder.path(), program), format!("{} {}\n1 151", table.rows(), names.join(" ")));
}

#[test]
fn an_independent_reader_takes_the_osi_trace() {
    let folder = tempfile::tempdir().unwrap();
    scenarios(folder.path());
    let args = ["run", "good.toml", "--headless", "-q", "--osi", "osi", "--parquet", "s.parquet"];
    assert_eq!(sim(folder.path(), &args), Some(0));
    // It is made from ASAM's own descriptions of 3.8.0 and shares no code with us.
    let Some(python) = python("betterosi") else { return };
    let program = "import betterosi, glob\n\
                   kinds, frames, objects = set(), 0, 0\n\
                   for gt in betterosi.read(glob.glob('osi/*.osi')[0], return_ground_truth=True):\n\
                   \x20   frames += 1\n\
                   \x20   objects += len(gt.moving_object)\n\
                   \x20   kinds |= {(o.type.name, o.vehicle_classification.type.name) for o in gt.moving_object}\n\
                   v, t, o = gt.version, gt.timestamp, gt.moving_object[0]\n\
                   print(frames, objects, v.version_major, v.version_minor, v.version_patch, t.seconds, t.nanos, *sorted(kinds))\n\
                   p, d, s = o.base.position, o.base.dimension, o.base.velocity\n\
                   print(o.id.value, *[f'{x:.6f}' for x in (p.x, p.y, p.z - d.height / 2, d.length, d.width, d.height, o.base.orientation.yaw)],\n\
                   \x20     f'{(s.x ** 2 + s.y ** 2) ** 0.5:.6f}')";
    let table = sim::output::parquet::Table::read(&folder.path().join("s.parquet")).unwrap();
    let float = |name: &str| match table.column(name) {
        Some(sim::output::parquet::Column::Float(values)) => values.iter().map(|v| v.unwrap()).collect::<Vec<_>>(),
        _ => panic!("{name}"),
    };
    let Some(sim::output::parquet::Column::Int(ids)) = table.column("id") else { panic!() };
    let Some(sim::output::parquet::Column::Text(kinds)) = table.column("kind") else { panic!() };
    let kinds: std::collections::BTreeSet<_> = kinds.iter().map(String::as_str).collect();
    let words = kinds.into_iter().map(|kind| match kind {
        "car" => " ('VEHICLE', 'CAR')",
        "truck" => " ('VEHICLE', 'HEAVY_TRUCK')",
        other => panic!("no vehicle of the mix: {other}"),
    });
    // The last moment's first road user, as Parquet has it.
    let first = float("t_s").iter().position(|t| (*t - 3.0).abs() < 1e-9).expect("the last moment");
    let names = ["x_m", "y_m", "z_m", "length_m", "width_m", "height_m", "yaw_rad", "speed_mps"];
    let figures: Vec<_> = names.map(|name| format!("{:.6}", float(name)[first].abs())).to_vec();
    let said = asked(&python, folder.path(), program);
    let (head, tail) = said.split_once('\n').unwrap();
    assert_eq!(head, format!("151 {} 3 8 0 3 0{}", table.rows(), words.collect::<String>()), "{said}");
    let signless: Vec<_> = tail.split(' ').map(|w| w.trim_start_matches('-').to_owned()).collect();
    assert_eq!(signless, [&[ids[first].to_string()][..], &figures[..]].concat(), "{said}");
}

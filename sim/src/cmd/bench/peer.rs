//! SUMO beside us: its wheel from PyPI, the same network, the same trips, its processor time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::cputime::user_s;
use crate::microsim::Network;
use crate::microsim::following::Model;
use crate::microsim::grid::Trip;

/// The wheel; pinned, so that figures can be compared.
pub const WHEEL: &str = "eclipse-sumo==1.28.0";

/// SUMO, installed in a folder of its own.
#[derive(Debug)]
pub struct Peer {
    folder: PathBuf,
}

impl Peer {
    /// Installs the wheel in `folder` unless it is there.
    ///
    /// # Errors
    /// When Python or the package index cannot be reached.
    pub fn install(folder: &Path) -> anyhow::Result<Self> {
        let peer = Self { folder: folder.to_owned() };
        if !peer.program("sumo").exists() {
            super::super::say(format_args!("fetching {WHEEL} (700 MB unpacked) into {}", folder.display()));
            let done = Command::new("python3")
                .args(["-m", "pip", "install", "--quiet", "--target"])
                .arg(folder)
                .arg(WHEEL)
                .stdout(Stdio::null())
                .status()
                .context("python3 does not start; install Python with pip, or leave out --peer")?;
            if !done.success() || !peer.program("sumo").exists() {
                bail!("pip could not install {WHEEL}; check the network, or leave out --peer");
            }
        }
        Ok(peer)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join("sumo/bin").join(name)
    }

    fn run(&self, name: &str, args: &[String]) -> anyhow::Result<()> {
        let program = self.program(name);
        let mut command = Command::new(&program);
        command.env("SUMO_HOME", self.folder.join("sumo")).args(args).stdout(Stdio::null()).stderr(Stdio::null());
        let done = command.status().with_context(|| format!("{} does not start", program.display()))?;
        if !done.success() {
            bail!("`{} {}` failed", program.display(), args.join(" "));
        }
        Ok(())
    }

    /// The grid of the bench, made by SUMO's netgenerate.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn grid(&self, count: u32, spacing: f64) -> anyhow::Result<PathBuf> {
        let file = self.folder.join(format!("grid-{count}.net.xml"));
        let text = format!(
            "--grid --grid.number {count} --grid.length {spacing} -L 2 --tls.guess true --no-turnarounds true -o {}",
            file.display()
        );
        self.run("netgenerate", &text.split(' ').map(str::to_owned).collect::<Vec<_>>())?;
        Ok(file)
    }

    /// User seconds that SUMO needs for the steps between `from` and `until` seconds of the same traffic.
    ///
    /// # Errors
    /// When it does not run.
    pub fn time(&self, net: &Path, network: &Network, case: &Demand<'_>, from: f64, until: f64) -> anyhow::Result<f64> {
        let routes = self.folder.join("bench.rou.xml");
        std::fs::write(&routes, case.text(network))?;
        let run = |end: f64| -> anyhow::Result<f64> {
            let before = user_s().context("/proc tells no processor times")?[1];
            let text = format!(
                "-n {} -r {} --end {end} --step-length {} --no-step-log true --no-warnings true --time-to-teleport -1 --seed 1",
                net.display(),
                routes.display(),
                case.dt
            );
            self.run("sumo", &text.split(' ').map(str::to_owned).collect::<Vec<_>>())?;
            Ok(user_s().context("/proc tells no processor times")?[1] - before)
        };
        // Loading is not simulating: what the first seconds and the loading take goes off.
        Ok((run(until)? - run(from)?).max(0.01))
    }
}

/// Demand for SUMO.
#[derive(Debug)]
pub struct Demand<'a> {
    /// Trips.
    pub trips: &'a [Trip],
    /// How drivers follow.
    pub model: Model,
    /// Step, seconds.
    pub dt: f64,
}

impl Demand<'_> {
    fn text(&self, network: &Network) -> String {
        let model = match self.model {
            Model::Idm => "IDM".to_owned(),
            Model::Krauss { sigma } => format!("Krauss\" sigma=\"{sigma}"),
        };
        let mut text = format!("<routes>\n<vType id=\"car\" carFollowModel=\"{model}\"/>\n");
        for (i, trip) in self.trips.iter().enumerate() {
            let edges: Vec<_> = trip.edges.iter().map(|&e| network.edges[e as usize].name.as_str()).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "<vehicle id=\"{i}\" type=\"car\" depart=\"0\" departLane=\"random\" departSpeed=\"max\" departPos=\"{:.2}\"><route edges=\"{}\"/></vehicle>",
                trip.pos,
                edges.join(" ")
            );
        }
        text + "</routes>\n"
    }
}

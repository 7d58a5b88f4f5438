//! `rsu points`: lidar packets of a capture to a point cloud file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use calibration::Timestamp;
use clap::ValueEnum;
use perception::SensorId;
use perception::source::lidar_udp::vlp16::AzimuthRule;
use perception::source::lidar_udp::{Sweep, SweepReader};
use perception::source::{Opening, pcd};
use serde::Serialize;

use crate::cli::Global;
use crate::cmd::{self, Exit};

/// Arguments of `rsu points`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu points drive.pcap --lidar vlp16
  rsu points drive.pcap --lidar vlp16 --angles vlp16.yaml --out last.pcd

Fields of the cloud, in this order: x y z (metres; x forward, y left, z up), intensity, return_type,
channel (from 0 at the bottom), azimuth (radians clockwise from forward), elevation (radians),
distance (metres), time_stamp (nanoseconds after the sweep's first firing).
Exit code: 0 done, 1 failed, 3 packets of another kind were dropped.")]
pub struct Args {
    /// Packet capture (.pcap, .pcapng)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Lidar model
    #[arg(long, value_name = "MODEL", default_value = "vlp16")]
    pub lidar: String,
    /// Angles file of the lidar [default: the maker's nominal angles]
    #[arg(long, value_name = "FILE")]
    pub angles: Option<PathBuf>,
    /// Write a sweep to this .pcd file
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Which whole sweep, from 0 [default: the last]
    #[arg(long, value_name = "N", requires = "out")]
    pub sweep: Option<usize>,
    /// Write text instead of binary
    #[arg(long, requires = "out")]
    pub ascii: bool,
    /// Azimuths at the end of a packet
    #[arg(long, value_name = "RULE", default_value = "reference")]
    pub azimuth: Azimuth,
}

/// Azimuths at the end of a packet, which a packet does not tell.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub enum Azimuth {
    /// Held, as in the clouds of widely used decoders (up to 0.4° off)
    Reference,
    /// The rotor goes on: what the unit itself uses
    Exact,
}

/// What is told about one sweep.
#[derive(Serialize)]
struct Row {
    sweep: usize,
    time: Timestamp,
    points: usize,
}

/// `rsu.points/1`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    packets: u64,
    dropped: u64,
    sweeps: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<&'a Path>,
}

/// Reads the capture; writes one sweep, or lists them.
///
/// # Errors
/// The capture cannot be read, holds no whole sweep, or the cloud cannot be written.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let opening = Opening {
        angles: args.angles.clone(),
        ..Opening::recording(SensorId("lidar".to_owned()), Timestamp::default())
    };
    let rule = match args.azimuth {
        Azimuth::Reference => AzimuthRule::Hold,
        Azimuth::Exact => AzimuthRule::Extrapolate,
    };
    let mut reader = SweepReader::open(&args.file, &args.lidar, rule, &opening)?;
    let (mut rows, mut chosen) = (Vec::new(), None);
    loop {
        match reader.next_sweep() {
            Ok(Some(sweep)) => {
                rows.push(Row { sweep: rows.len(), time: sweep.tov, points: sweep.returns.len() });
                if args.sweep.is_none_or(|n| n + 1 == rows.len()) {
                    chosen = Some(sweep);
                }
            }
            Ok(None) => break,
            Err(error) if rows.is_empty() => return Err(error.into()),
            Err(error) => {
                cmd::note(global, format_args!("warning: {error}; the sweeps before are kept"));
                break;
            }
        }
    }
    let (packets, dropped) = reader.packets();
    if rows.is_empty() {
        let what = format!(
            "`{}` holds no whole sweep: {packets} packets of this lidar, {dropped} of another kind",
            args.file.display()
        );
        return Err(Exit::new(cmd::FAILED, what).help("record at least one turn (0.1 s); known lidars: vlp16").into());
    }
    if let Some(out) = &args.out {
        let Some(sweep) = &chosen else {
            let what = format!("there is no sweep {}", args.sweep.unwrap_or(0));
            let help = format!("`{}` holds sweeps 0 to {}", args.file.display(), rows.len() - 1);
            return Err(Exit::new(cmd::USAGE, what).help(help).into());
        };
        write(out, sweep, args.ascii)?;
    }
    tell(&args, global, rows, chosen.as_ref(), (packets, dropped))?;
    Ok(ExitCode::from(if dropped == 0 { 0 } else { cmd::LOSS }))
}

fn write(out: &Path, sweep: &Sweep, ascii: bool) -> anyhow::Result<()> {
    let failed = || format!("cannot write `{}`", out.display());
    let mut file = BufWriter::new(File::create(out).with_context(failed)?);
    pcd::write(&mut file, &sweep.returns, ascii).with_context(failed)?;
    file.flush().with_context(failed)
}

fn tell(
    args: &Args,
    global: &Global,
    rows: Vec<Row>,
    chosen: Option<&Sweep>,
    (packets, dropped): (u64, u64),
) -> anyhow::Result<()> {
    let written = args.out.as_deref();
    if global.json {
        cmd::print_json(&Report { schema: "rsu.points/1", packets, dropped, sweeps: rows, written })?;
    } else if let (Some(out), Some(sweep)) = (written, chosen) {
        cmd::print(format!("{} points of {} written to {}", sweep.returns.len(), sweep.tov, out.display()))?;
    } else {
        for row in rows {
            cmd::print(format!("sweep {:<4} {:<32} {:>7} points", row.sweep, row.time.to_string(), row.points))?;
        }
    }
    if dropped > 0 {
        cmd::note(global, format_args!("warning: {dropped} of {} packets were of another kind", packets + dropped));
    }
    Ok(())
}

//! `rsu run`: runs one unit in the foreground until Ctrl-C, SIGTERM or the time of `--for`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use calibration::geodesy::{EnuFrame, Wgs84};
use calibration::rig::Rig;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use crate::cli::{Color, Global};
use crate::cmd::{self, span};
use crate::config::{Config, Overrides, inspect};
use crate::run::{Options, Summary, serve};
use crate::shell::view::View;
use crate::station::Setup;

/// Arguments of `rsu run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu run -c examples/street/rsu.toml --for 18s --record out/street.mcap
  rsu run --safe

Exit code: 0 done, 78 configuration invalid.")]
pub struct Args {
    /// Stop after this time, such as 18s
    #[arg(long = "for", value_name = "TIME", value_parser = span::parse)]
    pub run_for: Option<Duration>,
    /// Record everything to this MCAP file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// When the configuration is not valid: stay up, silent, and show the complaint on the page
    #[arg(long)]
    pub safe: bool,
    /// Port of the page; 0 takes a free one
    #[arg(long, value_name = "P")]
    pub port: Option<u16>,
}

/// Runs the unit.
///
/// # Errors
/// When the configuration is not valid, or the page or the recording cannot be had.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let (setup, complaint) = if args.safe { safe_setup(global) } else { (cmd::setup(global)?, None) };
    log_to_stderr(global, &setup.config.log.level);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (ready, is_ready) = oneshot::channel();
    let options = Options {
        run_for: args.run_for,
        record: args.record,
        port: args.port,
        complaint,
        ready: Some(ready),
        ..Options::default()
    };
    let summary = runtime.block_on(async {
        let greeting = async {
            if let Ok(view) = is_ready.await {
                greet(&view, global);
            }
        };
        tokio::join!(serve(setup, options, stopped()), greeting).0
    });
    // A driver or a name look-up that hangs must not keep the program.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let summary = summary?;
    if global.json {
        cmd::print_json(&summary)?
    } else {
        cmd::print(text(&summary))?
    }
    Ok(ExitCode::SUCCESS)
}

/// Ready on Ctrl-C or SIGTERM.
///
/// # Panics
/// Never: where signals cannot be had, it waits for ever.
pub async fn stopped() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

fn greet(view: &Arc<View>, global: &Global) {
    let site = &view.config().site;
    let page = view.web().map(|at| format!("page http://{at}")).unwrap_or_default();
    cmd::note(global, format_args!("{}  {}  {page}  (stop with Ctrl-C)", site.id, site.name));
}

/// The configured unit; or, when the configuration is not valid, a silent one that shows why.
fn safe_setup(global: &Global) -> (Setup, Option<String>) {
    let found = inspect(&global.config, &Overrides::of_process(&global.set));
    match found.setup {
        Some(setup) => (setup, None),
        None => {
            let errors = found.complaints.iter().map(|complaint| complaint.render()).collect::<Vec<_>>().join("\n");
            cmd::note(global, format_args!("{errors}\n\nsafe mode: silent until this is mended"));
            (bare_setup(&global.config), Some(plain(&errors)))
        }
    }
}

/// As much of a broken file as safe mode needs: who the unit is and where its page is.
fn bare_setup(file: &Path) -> Setup {
    let broken: toml::Table = std::fs::read_to_string(file).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    let word = |table: &str, key: &str| broken.get(table)?.get(key)?.as_str().map(str::to_owned);
    let id = word("site", "id").unwrap_or_else(|| "unit".to_owned());
    let listen =
        word("web", "listen").filter(|at| at.parse::<std::net::SocketAddr>().is_ok_and(|at| at.ip().is_loopback()));
    let origin = crate::config::Origin { lat_deg: 0.0, lon_deg: 0.0, alt_m: 0.0 };
    let mut config = Config::bare(perception::UnitId(id), origin);
    if let Some(listen) = listen {
        config.web.listen = listen;
    }
    let frame = EnuFrame::new(Wgs84 { lat_deg: 0.0, lon_deg: 0.0, alt_m: 0.0 });
    Setup { config, map: None, rig: Rig::new(frame, Default::default()) }
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// The log goes to stderr: at the configured level, or as `-v` and `-q` say.
pub fn log_to_stderr(global: &Global, level: &str) {
    let ours = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => level,
        (false, 1) => "debug",
        (false, _) => "trace",
    };
    let filter =
        EnvFilter::try_from_env("RSU_LOG").unwrap_or_else(|_| EnvFilter::new(format!("warn,zenoh=error,rsu={ours}")));
    let colour = match global.color {
        Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        Color::Always => true,
        Color::Never => false,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_target(false);
    // A program that embeds us may have a log of its own.
    let _ = log.with_writer(std::io::stderr).try_init();
}

/// What was seen and said, in a few lines.
#[must_use]
pub fn text(summary: &Summary) -> String {
    let Summary { status, tracks, participants, .. } = summary;
    let mut lines = vec![format!("{}  {}  ran {:.1} s", status.unit, status.name, status.up_s)];
    let said: Vec<_> =
        status.air.sent.iter().map(|(kind, tally)| format!("{kind} {} ({} B)", tally.count, tally.bytes)).collect();
    lines.push(format!("said      {}", if said.is_empty() { "nothing".to_owned() } else { said.join("  ") }));
    lines.push(format!("seen      {tracks} tracks, {participants} participants told"));
    if let (Some(p50), Some(p99)) = (status.age.all.p50_ms, status.age.all.p99_ms) {
        let budget = status.age.budget_ms;
        lines.push(format!("age       p50 {p50:.0} ms   p99 {p99:.0} ms   budget {budget:.0} ms   photon to antenna"));
    }
    if let Some(file) = &summary.recording {
        lines.push(format!("recording {}   replay it: rsu replay {}", file.display(), file.display()));
    }
    lines.extend(status.problems.iter().map(|problem| format!("problem   {problem}")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_of_a_complaint() {
        assert_eq!(plain("\x1b[1;31merror\x1b[0m: bad \x1b[2mrate\x1b[0m"), "error: bad rate");
        assert_eq!(plain("plain"), "plain");
    }

    #[test]
    fn safe_mode_keeps_the_name_and_a_loopback_page_of_a_broken_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rsu.toml");
        let write = |text: &str| std::fs::write(&file, text).expect("written");
        write("[site]\nid = \"x07\"\nrate = 3\n[web]\nlisten = \"127.0.0.1:9090\"\n");
        let config = bare_setup(&file).config;
        assert_eq!((config.site.id.0.as_str(), config.web.listen.as_str()), ("x07", "127.0.0.1:9090"));
        write("[site]\nid = \"x07\"\n[web]\nlisten = \"0.0.0.0:9090\"\n");
        assert_eq!(bare_setup(&file).config.web.listen, "127.0.0.1:8080", "no token was checked");
        write("[site\n");
        assert_eq!(bare_setup(&file).config.site.id.0, "unit");
    }
}

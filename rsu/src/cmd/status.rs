//! `rsu status`: one screen about a running unit; whether it speaks, and if not, why.

use std::process::ExitCode;
use std::time::Duration;

use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::config::{Overrides, inspect};
use crate::shell::status::Status;

/// Arguments of `rsu status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu status
  rsu status --at x01.local:8080 --watch

Exit code: 0 shown, 5 no unit reachable.")]
pub struct Args {
    /// Where the unit's page is [default: as the configuration says, else 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub at: Option<String>,
    /// Show it again every second
    #[arg(long)]
    pub watch: bool,
}

/// Shows how a unit is.
///
/// # Errors
/// When no unit can be reached.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let at = args.at.unwrap_or_else(|| configured(global));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    loop {
        let status = fetch(&at)?;
        if global.json {
            cmd::print_json(&status)?;
        } else {
            let clear = if args.watch { "\x1b[2J\x1b[H" } else { "" };
            cmd::print(format_args!("{clear}{}", text(&status)))?;
        }
        if !args.watch {
            return Ok(ExitCode::SUCCESS);
        }
        runtime.block_on(async { tokio::time::sleep(Duration::from_secs(1)).await });
    }
}

fn configured(global: &Global) -> String {
    let listen = inspect(&global.config, &Overrides::of_process(&global.set)).setup.map(|s| s.config.web.listen);
    listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned()).replace("0.0.0.0:", "127.0.0.1:")
}

fn fetch(at: &str) -> anyhow::Result<Status> {
    let nobody = |why: String| {
        let what = format!("no unit is running here (tried {at}{why})");
        Exit::new(cmd::NO_UNIT, what).help("start it: `rsu run`, or look at another: `--at x01.local:8080`")
    };
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(3))).build().into();
    let mut answer = agent.get(format!("http://{at}/api/status")).call().map_err(|error| match error {
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => nobody(String::new()),
        error => nobody(format!(": {error}")),
    })?;
    let status = answer.body_mut().read_json();
    Ok(status.map_err(|error| nobody(format!(": what answers is no unit: {error}")))?)
}

/// The screen.
#[must_use]
pub fn text(status: &Status) -> String {
    let speaks = if status.fit { "\x1b[1;32mSPEAKING\x1b[0m" } else { "\x1b[1;31mSILENT\x1b[0m" };
    let mut lines = vec![
        format!("{}  {}    {speaks}    up {}    rsu {}", status.unit, status.name, up(status.up_s), status.version),
        String::new(),
    ];
    rows(
        &mut lines,
        "sensors",
        status.sensors.iter().map(|s| {
            let age = s.age_ms.map_or("     —".to_owned(), |age| format!("{age:4.0} ms"));
            format!("{:<12} {:5.1} Hz   age {age}   {}", s.id.0, s.rate_hz, word(s.fault.as_deref()))
        }),
    );
    let clock = match &status.clock.state {
        Some(state) => format!(
            "{:<12} {:+.1} ms   {}",
            status.clock.source,
            state.offset_ms,
            if state.synchronised { OK } else { FAIL }
        ),
        None => format!("{:<12} not looked at yet", status.clock.source),
    };
    rows(&mut lines, "clock", [clock]);
    let total: usize = status.world.tracks.values().sum();
    let classes: Vec<_> = status.world.tracks.iter().map(|(class, count)| format!("{count} {class}")).collect();
    rows(
        &mut lines,
        "world",
        [format!("{total} tracks: {}    {} warnings active", classes.join("  "), status.world.warnings)],
    );
    let sent: Vec<_> = status.air.sent.iter().map(|(kind, t)| format!("{kind} {:.1}/s", t.per_s)).collect();
    // Not `sum`: that of nothing is minus zero.
    let heard = status.air.heard.values().fold(0.0, |all, t| all + t.per_s);
    let dropped: u64 = status.air.dropped.values().sum();
    rows(
        &mut lines,
        "air",
        [format!(
            "{}    heard {heard:.0}/s    dropped {dropped}",
            if sent.is_empty() { "nothing said".to_owned() } else { sent.join("  ") }
        )],
    );
    let age = &status.age;
    if let (Some(p50), Some(p99)) = (age.all.p50_ms, age.all.p99_ms) {
        let missed = 100.0 * age.all.missed as f64 / age.all.count.max(1) as f64;
        let budget = age.budget_ms;
        rows(
            &mut lines,
            "age",
            [format!(
                "photon → antenna   p50 {p50:.0} ms   p99 {p99:.0} ms   budget {budget:.0} ms   missed {missed:.1} %"
            )],
        );
    }
    rows(
        &mut lines,
        "radios",
        status.radios.iter().map(|r| {
            format!("{:<12} {}   sent {}  failed {}   {}", r.id, r.address, r.sent, r.failed, word(r.fault.as_deref()))
        }),
    );
    let link = match (&status.link.fault, status.link.open) {
        (Some(fault), _) => format!("{FAIL}  {fault}"),
        (None, true) if status.link.neighbours.is_empty() => "open, no neighbours".to_owned(),
        (None, true) => status.link.neighbours.join("  "),
        (None, false) => format!("not open ({})", status.link.mode),
    };
    rows(&mut lines, "corridor", [link]);
    rows(
        &mut lines,
        "recording",
        status
            .recording
            .iter()
            .map(|r| format!("{}   {:.1} MB   {}", r.file, r.bytes as f64 * 1e-6, word(r.fault.as_deref()))),
    );
    if !status.problems.is_empty() {
        lines.push(String::new());
        rows(&mut lines, "problem", status.problems.iter().cloned());
    }
    lines.join("\n")
}

const OK: &str = "\x1b[32mok\x1b[0m";
const FAIL: &str = "\x1b[1;31mFAIL\x1b[0m";

fn word(fault: Option<&str>) -> String {
    fault.map_or(OK.to_owned(), |fault| format!("{FAIL}  {fault}"))
}

/// The name stands before the first row alone.
fn rows(lines: &mut Vec<String>, name: &str, rows: impl IntoIterator<Item = String>) {
    for (i, row) in rows.into_iter().enumerate() {
        lines.push(format!("{:<10}{row}", if i == 0 { name } else { "" }));
    }
}

fn up(seconds: f64) -> String {
    let minutes = (seconds / 60.0) as u64;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{seconds:.0} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_time_is_told_in_two_units() {
        assert_eq!(up(42.0), "42 s");
        assert_eq!(up(3_700.0), "1 h 1 min");
        assert_eq!(up(12.0 * 86_400.0 + 4.0 * 3600.0), "12 d 4 h");
    }

    #[test]
    fn nobody_there_is_exit_code_5_with_a_remedy() {
        // A port that was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
        let error = fetch(&free.to_string()).expect_err("nobody there");
        let exit = error.downcast_ref::<Exit>().expect("an exit");
        assert_eq!(exit.code, cmd::NO_UNIT);
        assert!(exit.what.contains(&free.to_string()), "{}", exit.what);
        assert!(exit.help.as_ref().is_some_and(|help| help.contains("rsu run")));
    }
}

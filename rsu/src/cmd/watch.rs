//! `rsu watch`: messages as they are sent and received, from zenoh.

use std::process::ExitCode;
use std::time::Duration;

use calibration::Timestamp;
use serde_json::Value;
use zenoh::Session;
use zenoh::sample::Sample;

use crate::cli::Global;
use crate::cmd::{self, Exit, span};
use crate::config::{CorridorLink, Overrides, inspect};
use crate::shell::corridor::{LOCAL_ENDPOINT, zenoh_config};
use crate::shell::queue::Queue;
use crate::{cmd::run::stopped, limits};

/// Arguments of `rsu watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A PATTERN is a message type (rsm), a unit and a type (x01/rsm), or a whole key (rsu/ring-road/*/json/*).
In FORMAT, {unit} and {type} and every field of the message stand for their values, such as {age_ms} or {msg_cnt}.

Examples:
  rsu watch rsm -n 1
  rsu watch rsm spat -F '{unit} {type} {age_ms}' --connect tcp/10.20.0.1:7447

Exit code: 0 done, 3 fewer than COUNT came in TIME, 5 no unit reachable."
)]
pub struct Args {
    /// What to show [default: every message]
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    /// End after so many messages
    #[arg(short = 'n', value_name = "COUNT")]
    pub count: Option<u64>,
    /// End after this time, such as 10s
    #[arg(short = 't', value_name = "TIME", value_parser = span::parse)]
    pub time: Option<Duration>,
    /// One line a message, as said here
    #[arg(short = 'F', value_name = "FORMAT")]
    pub format: Option<String>,
    /// Where to find zenoh [default: the unit of --config, else this machine's]
    #[arg(long, value_name = "ENDPOINT")]
    pub connect: Vec<String>,
}

/// Shows messages.
///
/// # Errors
/// When no unit can be reached.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let keys: Vec<String> = match args.patterns.is_empty() {
        true => vec![key_of("*")],
        false => args.patterns.iter().map(|pattern| key_of(pattern)).collect(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let end = runtime.block_on(async {
        let session = connect(&endpoints(&args, global)).await?;
        let over = async {
            tokio::select! {
                () = tokio::time::sleep(args.time.unwrap_or(Duration::MAX)) => {}
                () = stopped() => {}
            }
        };
        let end = tokio::select! {
            shown = show(&session, &keys, &args, global) => shown,
            () = over => Ok(()).and(Ok(args.count.is_none())),
        };
        // The program ends anyway.
        let _ = session.close().await;
        end
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(if end? { ExitCode::SUCCESS } else { ExitCode::from(cmd::LOSS) })
}

fn endpoints(args: &Args, global: &Global) -> Vec<String> {
    if !args.connect.is_empty() {
        return args.connect.clone();
    }
    let configured = inspect(&global.config, &Overrides::of_process(&global.set)).setup;
    let listen = configured.map(|setup| setup.config.corridor_link.listen).unwrap_or_default();
    if listen.is_empty() {
        return vec![LOCAL_ENDPOINT.to_owned()];
    }
    listen.iter().map(|at| at.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")).collect()
}

async fn connect(endpoints: &[String]) -> anyhow::Result<Session> {
    let tried = endpoints.join(", ");
    let nobody = || {
        Exit::new(cmd::NO_UNIT, format!("no unit is reachable on zenoh (tried {tried})"))
            .help("start one: `rsu run`, or name another: `--connect tcp/10.20.0.1:7447`")
    };
    let link = CorridorLink { mode: "client".into(), connect: endpoints.to_vec(), ..CorridorLink::default() };
    let config =
        zenoh_config(&link).map_err(|e| Exit::new(cmd::USAGE, format!("`{tried}` is not an endpoint: {e}")))?;
    let opened = tokio::time::timeout(Duration::from_secs(5), async { zenoh::open(config).await }).await;
    Ok(opened.map_err(|_| nobody())?.map_err(|_| nobody())?)
}

/// Shows what comes; true once as many came as asked for.
async fn show(session: &Session, keys: &[String], args: &Args, global: &Global) -> anyhow::Result<bool> {
    let came = std::sync::Arc::new(Queue::new("watch", limits::CORRIDOR_OUT));
    for key in keys {
        let came = std::sync::Arc::clone(&came);
        let take =
            move |sample: Sample| came.push((sample.key_expr().to_string(), sample.payload().to_bytes().into_owned()));
        let declared = session.declare_subscriber(key).callback(take).background().await;
        declared.map_err(|e| Exit::new(cmd::USAGE, format!("`{key}` is not a pattern: {e}")))?;
    }
    let mut shown = 0;
    while args.count.is_none_or(|count| shown < count) {
        let (key, payload) = came.pop().await;
        let message: Value = serde_json::from_slice(&payload)
            .unwrap_or_else(|_| serde_json::json!({ "key": key, "bytes": v2x_msgs::hex::to_hex(&payload) }));
        match &args.format {
            _ if global.json => cmd::print_json(&message)?,
            Some(format) => cmd::print(fill(format, &message))?,
            None => cmd::print(text(&key, &message))?,
        }
        shown += 1;
    }
    Ok(true)
}

/// `rsm`, `x01/rsm`, or a whole key.
fn key_of(pattern: &str) -> String {
    match pattern.split('/').collect::<Vec<_>>()[..] {
        [kind] => format!("rsu/*/*/json/{kind}"),
        [unit, kind] => format!("rsu/*/{unit}/json/{kind}"),
        _ => pattern.to_owned(),
    }
}

/// Puts values in the holes of a format; `{}` and unknown names stay as they are.
fn fill(format: &str, message: &Value) -> String {
    let mut line = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        line.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            line.push('{');
            rest = after;
            continue;
        };
        match message.pointer(&format!("/{}", name.replace('.', "/"))) {
            Some(Value::String(word)) => line.push_str(word),
            Some(value) => line.push_str(&value.to_string()),
            None => line.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    line + rest
}

/// One message on a line, the road users of an RSM below it.
fn text(key: &str, message: &Value) -> String {
    let word = |name: &str| message[name].as_str().unwrap_or_default();
    if message["type"].is_null() {
        return format!("{key}  {message}");
    }
    let sent: Option<Timestamp> = word("sent").parse().ok();
    let clock: String = sent.map(|at| at.to_string().chars().skip(11).take(12).collect()).unwrap_or_default();
    let mut line = format!("{clock:<12}  {}  \x1b[1m{:<4}\x1b[0m", word("unit"), word("type").to_uppercase());
    if let Some(count) = message["msg_cnt"].as_u64() {
        line.push_str(&format!("  #{count}"));
    }
    let users = message["participants"].as_array();
    line.push_str(&users.map_or(String::new(), |users| format!("  {} participants", users.len())));
    line.push_str(&message["bytes"].as_u64().map_or(String::new(), |bytes| format!("  {bytes} B")));
    line.push_str(&message["age_ms"].as_f64().map_or(String::new(), |age| format!("  age {age:.0} ms")));
    for user in users.into_iter().flatten() {
        let number = |name: &str| user[name].as_f64();
        let place = number("lat_deg").zip(number("lon_deg"));
        line.push_str(&format!("\n  {:>5}  {:<11}", user["ptc_id"], user["ptc_type"].as_str().unwrap_or("?")));
        line.push_str(&place.map_or(String::new(), |(lat, lon)| format!(" {lat:.7} {lon:.7}")));
        line.push_str(&number("speed_mps").map_or(String::new(), |v| format!(" {v:5.1} m/s")));
        line.push_str(&number("heading_deg").map_or(String::new(), |h| format!(" {h:5.0}°")));
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_is_a_type_a_unit_and_a_type_or_a_key() {
        assert_eq!(key_of("rsm"), "rsu/*/*/json/rsm");
        assert_eq!(key_of("x01/rsm"), "rsu/*/x01/json/rsm");
        assert_eq!(key_of("rsu/ring-road/*/status"), "rsu/ring-road/*/status");
    }

    #[test]
    fn holes_are_filled_and_unknown_names_stay() {
        let message = json!({ "unit": "x01", "age_ms": 61.5, "ref_pos": { "lat_deg": 31.0 } });
        assert_eq!(fill("{unit} {age_ms} {ref_pos.lat_deg} {nope} {", &message), "x01 61.5 31.0 {nope} {");
    }

    #[test]
    fn an_rsm_shows_its_road_users() {
        let message = json!({ "type": "rsm", "unit": "x01", "sent": "2026-03-01T12:04:31.7Z", "msg_cnt": 84, "bytes": 412,
            "age_ms": 63.2, "participants": [{ "ptc_id": 17, "ptc_type": "pedestrian", "lat_deg": 31.284201,
            "lon_deg": 121.503355, "speed_mps": 1.3, "heading_deg": 87.0 }] });
        let text = text("k", &message);
        assert!(text.starts_with("12:04:31.7") && text.contains("#84  1 participants  412 B  age 63 ms"), "{text}");
        assert!(text.contains("17  pedestrian  31.2842010 121.5033550   1.3 m/s    87°"), "{text}");
    }
}

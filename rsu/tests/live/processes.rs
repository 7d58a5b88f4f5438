//! Units as processes of their own.

use super::*;

/// A unit in a process of its own; killed at the end whatever happens.
pub(super) struct Process(pub(super) Child);

impl Process {
    fn start(folder: &Path, id: &str, more: &str) -> Self {
        let file = folder.join(format!("{id}.toml"));
        let text = format!(
            "[site]\nid = \"{id}\"\ncorridor = \"live\"\norigin = {{ lat_deg = 31.0, lon_deg = 121.0 }}\n{more}"
        );
        std::fs::write(&file, text).expect("written");
        let program = env!("CARGO_BIN_EXE_rsu");
        let arguments = ["run", "--port", "0", "-q", "-c"];
        let child = Command::new(program).args(arguments).arg(&file).stdout(Stdio::null()).spawn();
        Self(child.expect("rsu runs"))
    }

    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_falls_dead_is_noticed_within_one_lease_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, lease_ms) = (free_port(), 1000);
    let link = format!("[corridor_link]\nlease_ms = {lease_ms}\n");
    let x01 = Process::start(folder.path(), "x01", &format!("{link}listen = [\"tcp/127.0.0.1:{port}\"]\n"));
    let connect = format!("{link}connect = [\"tcp/127.0.0.1:{port}\"]\nlisten = [\"tcp/127.0.0.1:0\"]\n");
    let x02 = Unit::start(setup("x02", &connect), None).await;
    if !x02.view.world().neighbours.iter().any(|unit| unit.0 == "x01") {
        x02.until(
            "x01 is seen",
            |news| matches!(news, Live::Event(e) if matches!(&e.event, Event::NeighbourUp { unit } if unit.0 == "x01")),
        )
        .await;
    }
    // A process that is stopped keeps its sockets and says nothing more: as a unit that lost its power.
    x01.signal("-STOP");
    #[allow(clippy::disallowed_methods)]
    let dead_since = Instant::now();
    x02.until(
        "x01 is missed",
        |news| matches!(news, Live::Event(e) if matches!(&e.event, Event::NeighbourLost { unit } if unit.0 == "x01")),
    )
    .await;
    let missed = dead_since.elapsed();
    assert!(missed < Duration::from_millis(lease_ms + 1000), "lease {lease_ms} ms, missed after {missed:?}");
    x02.says(5).await;
    assert!(x02.view.status().fit);
    x02.stop().await;
}

//! What the commands print, as it is written in `cmd/*.trycmd`. `TRYCMD=overwrite` writes those anew, for a person to
//! review.

use std::process::Command;

/// Checks every file of `cmd/`.
#[test]
fn commands_print_what_is_written() {
    let cases = trycmd::TestCases::new();
    cases.register_bin("rsu", tests::program("rsu"));
    cases.env("NO_COLOR", "1");
    cases.case("cmd/*.trycmd");
}

#[test]
fn odd_arguments_end_with_usage_and_never_with_a_panic() {
    let rsu = tests::program("rsu");
    let long = "x".repeat(100_000);
    let cases: [&[&str]; 12] = [
        &[""],
        &["--"],
        &["-c"],
        &["check", "--config"],
        &["--color", "sometimes", "check"],
        &["-qv", "check"],
        &["check", ""],
        &["check", "--set", "=", "nowhere.toml"],
        &["check", "--set", "a.b.c.d.e=1", "/dev/null"],
        &["check", &long],
        &["config"],
        &["init", "--origin", "NaN,NaN"],
    ];
    for case in cases {
        let done = Command::new(&rsu).args(case).output().expect("it starts");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(!told.contains("panicked"), "{case:?}: {told}");
        assert!(matches!(done.status.code(), Some(2 | 78)), "{case:?}: {:?} {told}", done.status);
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let rsu = tests::program("rsu");
    let mut child = Command::new(rsu)
        .args(["config", "schema"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{:?}", done.status);
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_complete_example_is_a_good_configuration() {
    if tests::shared().is_none() {
        tests::skipped("no ../shared");
        return;
    }
    let example = tests::root().join("examples/crossing/rsu.toml");
    let done = Command::new(tests::program("rsu")).arg("check").arg(example).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
